import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { temper, temperatureOf } from '../src/ensembles/blend.js'
import { freshnessSeconds } from '../src/ensembles/confidence.js'
import { layerOneHorizon } from '../src/ensembles/layer-one.js'
import { standardise } from '../src/ensembles/standardise.js'
import { readTarget } from '../src/models/layouts/read-target.js'
import { judge } from '../src/outcomes/judge.js'
import { ruleOf } from '../src/outcomes/rule.js'
import type { Settleable } from '../src/store/outcome-store.js'
import { addLayout, openLayouts, states } from './models/support/layouts.js'
import { addBundle, emptyDirectory } from './models/support/models-directory.js'
import { noOnnxruntime } from './models/support/onnxruntime.js'
import { prediction } from './store/support/prediction.js'
import { startService } from './support/service.js'

// Places where models of other systems go wrong without a word. Most are tested beside what deals with them; here are those of no single part.

const model = 'foxml-run.fwd_ret_60m.lightgbm'

async function foxService(t: Test) {
  const directory = emptyDirectory(t.testdir())
  addLayout(directory, 'foxml-run')
  return startService(t, { env: { BARCAST_MODELS: directory, BARCAST_ALLOW_UNSIGNED: 'true' } })
}

/** Columns of bars of five minutes, made up. */
function bars(nBars: number) {
  const at = Array.from({ length: nBars }, (_, bar) => bar)
  const price = (bar: number) => 100 + 3 * Math.sin(bar / 9) + Math.sin(bar * 1.3)
  return {
    timestamp: at.map((bar) => Date.UTC(2025, 0, 1) + bar * 300_000),
    open: at.map(price),
    high: at.map((bar) => Math.max(price(bar), price(bar + 1)) + 0.5),
    low: at.map((bar) => Math.min(price(bar), price(bar + 1)) - 0.5),
    close: at.map((bar) => price(bar + 1)),
    volume: at.map((bar) => 100 + (bar % 7)),
  }
}

t.test('trap 5: the interval is compared exactly, at every prediction', async (t) => {
  const { post } = await foxService(t)
  const body = { model, symbol: 'BTCUSDT', candles: bars(300) }
  t.match((await post({ ...body, timeframe: '15m' })).json(), { code: 'timeframe-mismatch' })
  t.equal((await post({ ...body, timeframe: '5m' })).statusCode, 201)
  const directory = emptyDirectory(t.testdir())
  const path = join(addLayout(directory, 'foxml-run'), 'targets/fwd_ret_60m/models/view=CROSS_SECTIONAL/family=lightgbm/model_meta.json')
  writeFileSync(path, readFileSync(path, 'utf8').replace('"interval_minutes": 5.0', '"interval_minutes": 5.0000001'))
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.match(states(registry)[model], /candles of 5.0000001 minutes are none of/)
})

t.test('trap 6: features that are NaN are named, and the prediction is made', async (t) => {
  const { post } = await foxService(t)
  const flat = Object.fromEntries(
    Object.entries(bars(300)).map(([name, values]) => [name, name === 'timestamp' ? values : values.map(() => 100)]),
  )
  const answer = await post({ model, symbol: 'BTCUSDT', timeframe: '5m', candles: flat })
  t.equal(answer.statusCode, 201)
  t.match(answer.json(), { predictions: [{ features: { nan: ['rsi_14'] } }] })
})

t.test(
  'trap 7: a sequence that is not whole predicts nothing; nothing is left over from an older one',
  { skip: noOnnxruntime },
  async (t) => {
    const { post } = await foxService(t)
    const sequence = { model: 'foxml-run.fwd_ret_60m.lstm', symbol: 'BTCUSDT', timeframe: '5m' }
    const score = async (candles: object) => {
      const answer = await post({ ...sequence, candles }, '?store=false')
      return answer.json<{ predictions: { y_raw: number }[] }>().predictions[0]!.y_raw
    }
    const whole = bars(100)
    const first = await score(whole)
    const holed = Object.fromEntries(Object.entries(whole).map(([name, values]) => [name, values.filter((_, bar) => bar !== 90)]))
    t.match((await post({ ...sequence, candles: holed })).json(), { code: 'gap' })
    const short = Object.fromEntries(Object.entries(whole).map(([name, values]) => [name, values.slice(-63)]))
    t.match((await post({ ...sequence, candles: short })).json(), { code: 'not-enough-history' })
    await score(bars(120))
    t.equal(await score(whole), first, 'what was asked before does not matter')
  },
)

t.test('trap 8: the temperature is the exponent itself', (t) => {
  const weights = temper({ a: 0.5, b: 0.3, c: 0.2 }, 0.75)
  t.same(
    Object.values(weights).map((weight) => weight.toFixed(12)),
    ['0.457727704095', '0.312047449177', '0.230224846728'],
  )
  t.ok(weights.a! < 0.5, 'it flattens')
  t.end()
})

t.test('trap 9: ten observations, this one among them', (t) => {
  const values = [0.01, 0.02, -0.01, 0.03, 5, 0]
  const scores = values.map((_, k) => standardise(values.slice(0, k + 1)))
  const expected = [0.01, 0.02, -1.3363062095621216, 1.1832159566199234, 1.9999560318768836, -0.4525800079143462]
  for (const [k, score] of scores.entries()) t.ok(Math.abs(score - expected[k]!) < 1e-12, `${k}: ${score}`)
  t.ok(Math.abs(standardise([1e9, ...Array<number>(9).fill(0), 1]) - 3) < 1e-9, 'an eleventh is forgotten')
  t.end()
})

t.test('trap 10: a day is a trading day of 390 minutes, and its freshness two hours', (t) => {
  t.equal(readTarget('fwd_ret_1d', '30m', 390 * 60_000).horizonBars, 13)
  t.equal(freshnessSeconds(390), 7200)
  t.equal(temperatureOf(390), 1)
  t.end()
})

t.test('trap 11: a configuration that its own system never reads is not read here', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const path = addLayout(directory, 'foxml-run')
  const before = await openLayouts(directory)
  const expected = states(before)
  before.close()
  writeFileSync(join(path, 'live_trading.yaml'), 'live_trading:\n  models:\n    families: [XGBoost]\n    verify_checksums: false\n')
  const after = await openLayouts(directory)
  t.teardown(() => after.close())
  t.same(states(after), expected)
})

t.test('trap 13: confidence by the declared producer', (t) => {
  t.equal(layerOneHorizon(0.001, 0.002, 0.5, 'rust').confidence, 0.3333377777481483)
  t.equal(layerOneHorizon(0.001, 0.002, 0.5, 'python').confidence, 0.6666677777740742)
  t.equal(layerOneHorizon(0.001, -0.001, 0.5, 'rust').confidence, 0)
  t.equal(layerOneHorizon(0.001, -0.001, 0.5, 'python').confidence, 0.00000499997500014171)
  t.end()
})

t.test('trap 15: the predicted close is a log return, and called so', async (t) => {
  const directory = emptyDirectory(t.testdir())
  addLayout(directory, 'layer-one')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.equal(registry.served('layer-one.h1').manifest.output, 'log_return')
})

t.test('trap 16: log returns are judged against log returns, at every horizon', (t) => {
  const settleable = (y: number, horizonBars: number): Settleable => ({
    ...{ predictionId: 'p', symbol: 'BTCUSDT', timeframe: '1m', model: 'layer-one.h3', barTimeMs: 0, output: 'log_return' },
    ...{ yPred: Float64Array.of(y), horizonBars, quantile: null, thresholds: new Float64Array(0), outcome: undefined },
  })
  for (let horizon = 1; horizon <= 5; horizon++) {
    const hit = (y: number, exit: number) => {
      const asked = settleable(y, horizon)
      return judge(asked, ruleOf(asked), 100, exit).hit
    }
    t.same([hit(0.001, 101), hit(0.001, 99), hit(-0.001, 99), hit(-0.001, 101)], [true, false, true, false], `${horizon} minutes`)
  }
  t.end()
})

t.test('trap 17: promotion is a rule that can be asked, with its settings; nothing happens of its own accord', async (t) => {
  const directory = emptyDirectory(t.testdir())
  addBundle(directory, 'production')
  addBundle(directory, 'candidate')
  const { get, parts } = await startService(t, { env: { BARCAST_MODELS: directory } })
  const before = parts.registry.served('production')
  const hourMs = 3_600_000
  const [series, firstMs, nBars] = [{ symbol: 'BTCUSDT', timeframe: '1h' }, Date.UTC(2025, 0, 1), 200]
  const times = Float64Array.from({ length: nBars }, (_, bar) => firstMs + bar * hourMs)
  const price = times.map((_, bar) => 100 + bar)
  const frame = { nBars, openTimeMs: times, open: price, high: price, low: price, close: price, volume: price }
  await parts.store.candles.keep(series, frame, Date.now())
  // Every bar is followed by a rise. Production is right in every other one, the candidate in two more.
  const record = (model: string, isRight: (bar: number) => boolean) =>
    parts.store.record(
      Array.from(times.subarray(0, nBars - 1), (barTimeMs, bar) =>
        prediction({
          id: `${model}-${bar}`,
          ...series,
          model,
          barTimeMs,
          horizonBars: 1,
          yPred: Float64Array.of(isRight(bar) ? 0.01 : -0.01),
        }),
      ),
    )
  await record('production', (bar) => bar % 2 === 0)
  await record('candidate', (bar) => bar % 2 === 0 || bar === 101 || bar === 197)
  const asked = async (more: string) => (await get(`/performance/promotion?champion=production&challenger=candidate${more}`)).json<object>()
  t.match(
    await asked(''),
    { promote: true, hours: 24, min_improvement: 0.005, champion: { hits: 12 }, challenger: { hits: 13 } },
    'as the README has it',
  )
  t.match(
    await asked('&hours=4&min_improvement=0.02'),
    { promote: true, bars: 4, champion: { hits: 2 }, challenger: { hits: 3 } },
    'as the settings have it',
  )
  t.match(await asked('&hours=99&min_improvement=0.02'), { promote: true, challenger: { hits: 52 } })
  t.match(await asked('&hours=97&min_improvement=0.02'), {
    promote: false,
    decided: true,
    champion: { hits: 49 },
    challenger: { hits: 50 },
  })
  t.match(await asked('&hours=200'), { promote: false, decided: false, reason: 'too-short' })
  await parts.registry.reload()
  t.equal(parts.registry.served('production'), before, 'it serves on, whatever the answer was')
  t.equal(parts.registry.served('candidate').name, 'candidate', 'both answer under their names')
})

t.test('every trap has a test that names it', (t) => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const texts = files.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
  for (let trap = 1; trap <= 25; trap++) {
    const named = new RegExp(`\\btrap ${trap}\\b`, 'i')
    t.ok(
      texts.some((text) => named.test(text)),
      `trap ${trap}`,
    )
  }
  t.end()
})
