import t from 'tap'
import { readManifest } from '../../src/models/read-manifest.js'
import { Refused } from '../../src/models/refused.js'

const stated = {
  version: '1',
  symbol: 'BTCUSDT',
  timeframe: '1h',
  features: { catalogue: 'multi-timeframe', base_bars: 720, buffer_bars: 6 },
  output: 'log_return',
  horizon_bars: 168,
  sha256: 'ab'.repeat(32),
}
const classes = { output: 'class_probabilities', classes: ['down', 'flat', 'up'], thresholds: [-0.01, 0.01] }
const read = (json: unknown) => readManifest(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)))

t.test('a manifest', (t) => {
  t.same(read(stated), {
    version: '1',
    symbol: 'BTCUSDT',
    timeframe: '1h',
    features: { catalogue: 'multi-timeframe', baseBars: 720, bufferBars: 6 },
    family: 'lightgbm',
    file: undefined,
    featureNames: undefined,
    inputPrecision: undefined,
    scaling: undefined,
    activation: undefined,
    onnx: undefined,
    output: 'log_return',
    quantile: undefined,
    classes: undefined,
    thresholds: undefined,
    horizonBars: 168,
    sha256: 'ab'.repeat(32),
  })
  const { symbol: _s, sha256: _h, ...least } = stated
  t.equal(read(least).symbol, undefined, 'any symbol')
  t.equal(read(least).sha256, undefined, 'no digest')
  t.equal(read({ ...stated, symbol: null }).symbol, undefined)
  t.equal(read({ ...stated, timeframe: '1H' }).timeframe, '1h')
  t.equal(read({ ...stated, sha256: 'AB'.repeat(32) }).sha256, 'ab'.repeat(32))
  t.equal(read({ ...stated, quantile: 0.05 }).quantile, 0.05)
  t.equal(read({ ...stated, features: { ...stated.features, buffer_bars: 0 } }).features.bufferBars, 0)
  t.same(read({ ...stated, ...classes }).thresholds, [-0.01, 0.01])
  t.equal(read({ ...stated, output: 'class_probabilities' }).classes, undefined, 'classes need no names')
  const signal = { rule: 'range', min_confidence: 50 }
  for (const output of ['probability_up', 'class_probabilities']) t.match(read({ ...stated, output, signal }).signal, signal)
  for (const output of ['return', 'probability_up', 'score']) t.equal(read({ ...stated, output }).output, output)
  t.end()
})

t.test('what is none', (t) => {
  for (const [json, message] of [
    ['', 'model.json is not JSON'],
    ['{"version": "1"', 'model.json is not JSON'],
    ['[]', 'an object is expected'],
    ['null', 'an object is expected'],
    [{}, '/version'],
    [{ ...stated, version: 1 }, '/version'],
    [{ ...stated, version: '' }, '/version'],
    [{ ...stated, symbol: 'BTC\nUSDT' }, '/symbol: holds control characters'],
    [{ ...stated, symbol: '' }, '/symbol'],
    [{ ...stated, timeframe: '2h' }, '/timeframe: no such timeframe; known are 1m, 5m'],
    [{ ...stated, timeframe: 1 }, '/timeframe'],
    [{ ...stated, features: { ...stated.features, base_bars: 0 } }, '/features/base_bars'],
    [{ ...stated, features: { ...stated.features, base_bars: 1e9 } }, '/features/base_bars'],
    [{ ...stated, features: { ...stated.features, buffer_bars: -1 } }, '/features/buffer_bars'],
    [{ ...stated, features: { ...stated.features, buffer_bars: 1.5 } }, '/features/buffer_bars'],
    [{ ...stated, features: { ...stated.features, more: 1 } }, '"more"'],
    [{ ...stated, features: 'multi-timeframe' }, '/features'],
    [{ ...stated, output: 'price' }, '/output'],
    ...['log_return', 'return', 'score'].map((output) => [
      { ...stated, output, signal: { rule: 'crypto-bot', min_confidence: 50 } },
      `/signal/min_confidence: min_confidence needs an output that has a confidence (class_probabilities, probability_up), not ${output}`,
    ]),
    [{ ...stated, signal: { rule: 'cryptobot' } }, '/signal/rule: one of crypto-bot, range is expected; did you mean crypto-bot?'],
    [{ ...stated, signal: {} }, '/signal/rule: is missing; one of crypto-bot, range is expected'],
    [{ ...stated, horizon_bars: 0 }, '/horizon_bars'],
    [{ ...stated, horizon_bars: '168' }, '/horizon_bars'],
    [{ ...stated, horizon_bars: 2.5 }, '/horizon_bars'],
    [{ ...stated, sha256: 'abc' }, '/sha256: 64 hexadecimal digits'],
    [{ ...stated, sha: 'x' }, '"sha"'],
    [{ ...stated, quantile: 0 }, '/quantile'],
    [{ ...stated, quantile: 1 }, '/quantile'],
    [{ ...stated, quantile: 0.5, output: 'probability_up' }, '/quantile: a probability has no quantile'],
    [{ ...stated, ...classes, quantile: 0.5 }, '/quantile: classes have no quantile'],
    [{ ...stated, classes: ['a', 'b'] }, '/classes: only with output class_probabilities'],
    [{ ...stated, thresholds: [0] }, '/thresholds: only with output class_probabilities'],
    [{ ...stated, ...classes, classes: ['a', 'b', 'a'] }, '/classes: a class is named twice'],
    [{ ...stated, ...classes, classes: ['a'] }, '/classes'],
    [{ ...stated, ...classes, thresholds: [0.01, -0.01] }, '/thresholds: thresholds rise'],
    [{ ...stated, ...classes, thresholds: [0.01, 0.01] }, '/thresholds: thresholds rise'],
    [{ ...stated, ...classes, thresholds: [0] }, '/thresholds: one threshold fewer'],
    [{ ...stated, output: 'class_probabilities', thresholds: [0] }, '/thresholds: one threshold fewer'],
  ] as [unknown, string][]) {
    const refused = refusalOf(() => read(json))
    t.equal(refused.reason, 'bad-manifest')
    t.ok(refused.message.includes(message), `${refused.message} has ${message}`)
  }
  const both = refusalOf(() => read({ ...stated, horizon_bars: 0, output: 'price' }))
  t.match(both.extras, { errors: [{ pointer: '/output' }, { pointer: '/horizon_bars' }] }, 'every problem at once')
  t.match(refusalOf(() => readManifest(Uint8Array.of(0xff, 0xfe))).message, 'is not JSON')
  t.end()
})

t.test('a key that is given twice: the last value would have been taken', (t) => {
  const text = JSON.stringify(stated)
  const twice = (more: string) => refusalOf(() => read(text.replace(/}$/, `,${more}}`)))
  const refused = twice('"output":"score"')
  t.match(refused, { reason: 'bad-manifest', message: 'model.json: /output: the key "output" is given twice; keep one of the two' })
  t.match(refused.extras, { errors: [{ pointer: '/output', detail: /^the key "output" is given twice/ }] })
  t.equal(twice('"output":"log_return"').reason, 'bad-manifest', 'also with the same value')
  t.match(twice('"a/b":1,"a\\u002fb":2').message, /: \/a~1b: the key "a\/b" is given twice/)
  const deep = text.replace('"base_bars":720', '"base_bars":720,"base_bars":100')
  t.match(refusalOf(() => read(deep)).message, /: \/features\/base_bars: the key "base_bars"/)
  const ensemble = { version: '1', ensemble: { rule: 'mean', members: ['a', 'b'] } }
  t.equal(read(ensemble).ensemble?.rule.rule, 'mean')
  const weighted = JSON.stringify({ ...ensemble, ensemble: { ...ensemble.ensemble, weights: { a: 1, b: 2 } } })
  t.match(refusalOf(() => read(weighted.replace('"b":2', '"b":2,"b":3'))).extras, { errors: [{ pointer: '/ensemble/weights/b' }] })
  t.equal(read({ ...stated, version: '"version":1,"version":2' }).version, '"version":1,"version":2', 'in a text they are no keys')
  t.end()
})

function refusalOf(run: () => unknown): Refused {
  try {
    run()
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
  throw new Error('expected a refusal')
}
