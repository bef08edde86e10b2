import t from 'tap'
import type { Timeframe } from '../../src/candles/timeframe.js'
import { Problem } from '../../src/errors.js'
import type { ProblemCode } from '../../src/errors.js'
import type { ModelEntry, ServedModel } from '../../src/models/model.js'
import { chooseModels } from '../../src/predictions/choose-models.js'

/** Entries as a registry lists them; only what choosing looks at. */
function served(name: string, symbol: string | undefined, timeframe: Timeframe): ModelEntry {
  return {
    name,
    source: { layout: 'bundle', path: name },
    state: 'served',
    model: { name, manifest: { symbol, timeframe } } as ServedModel,
  }
}

function registry(...entries: ModelEntry[]) {
  return {
    entries: () => entries,
    served(name: string) {
      const entry = entries.find((entry) => entry.name === name)
      if (entry?.state === 'served') return entry.model
      throw entry === undefined ? new Problem('unknown-model', name) : new Problem('model-unavailable', name)
    },
  }
}

const btc = served('btc', 'BTCUSDT', '1h')
const btcToo = served('btc-too', 'BTCUSDT', '1h')
const eth = served('eth', 'ETHUSDT', '1h')
const any = served('any', undefined, '1h')
const slow = served('slow', 'BTCUSDT', '4h')
const loading: ModelEntry = { name: 'loading', source: { layout: 'bundle', path: 'loading' }, state: 'loading' }
const refused: ModelEntry = {
  name: 'bad',
  source: { layout: 'bundle', path: 'bad' },
  state: 'refused',
  reason: 'checksum',
  detail: '',
  extras: {},
  manifest: undefined,
}

/** Members of the Problem that is expected. */
interface Failure {
  [member: string]: unknown
  code: ProblemCode
  message?: RegExp
}

const cases: [name: string, models: ModelEntry[], target: Parameters<typeof chooseModels>[1], expected: string | Failure][] = [
  ['a name', [btc, eth], { model: 'btc' }, 'btc of BTCUSDT 1h'],
  ['names, in their order', [btc, btcToo], { models: ['btc-too', 'btc'] }, 'btc-too btc of BTCUSDT 1h'],
  ['a model for any symbol follows the others', [btc, any], { models: ['any', 'btc'] }, 'any btc of BTCUSDT 1h'],
  ['a model for any symbol alone', [any], { model: 'any' }, { code: 'invalid-request', extras: { errors: [{ pointer: '/symbol' }] } }],
  ['a symbol for it', [any], { model: 'any', symbol: 'DOGE/USDT' }, 'any of DOGE/USDT 1h'],
  ['models of two symbols', [btc, eth], { models: ['btc', 'eth'] }, { code: 'invalid-request', message: /BTCUSDT, ETHUSDT/ }],
  ['models of two symbols and one of them', [btc, eth], { models: ['btc', 'eth'], symbol: 'BTCUSDT' }, { code: 'symbol-mismatch' }],
  [
    'another symbol',
    [btc],
    { model: 'btc', symbol: 'ETHUSDT' },
    { code: 'symbol-mismatch', extras: { model: 'btc', expected: 'BTCUSDT' } },
  ],
  ['symbols are compared exactly', [btc], { model: 'btc', symbol: 'btcusdt' }, { code: 'symbol-mismatch' }],
  ['timeframe in any case', [btc], { model: 'btc', timeframe: '1H' }, 'btc of BTCUSDT 1h'],
  ['another timeframe', [btc], { model: 'btc', timeframe: '4h' }, { code: 'timeframe-mismatch', extras: { expected: '1h', given: '4h' } }],
  [
    'models of two timeframes',
    [btc, slow],
    { models: ['btc', 'slow'] },
    { code: 'invalid-request', extras: { errors: [{ pointer: '/timeframe' }] } },
  ],
  ['no timeframe at all', [btc], { model: 'btc', timeframe: '7x' }, { code: 'invalid-request' }],
  ['model and models', [btc], { model: 'btc', models: ['btc'] }, { code: 'invalid-request' }],
  ['no models', [btc], { models: [] }, { code: 'invalid-request' }],
  [
    'a model twice',
    [btc, eth],
    { models: ['btc', 'eth', 'btc'] },
    { code: 'invalid-request', extras: { errors: [{ pointer: '/models/2' }] } },
  ],
  ['an unknown model refuses all', [btc], { models: ['btc', 'ltc'] }, { code: 'unknown-model' }],
  ['a refused model refuses all', [btc, refused], { models: ['btc', 'bad'] }, { code: 'model-unavailable' }],
  ['none named: all that fit', [any, btc, btcToo, refused], {}, 'any btc btc-too of BTCUSDT 1h'],
  ['none named, a symbol', [any, btc, eth], { symbol: 'ETHUSDT' }, 'any eth of ETHUSDT 1h'],
  ['none named, a symbol that only any-symbol models fit', [any, btc], { symbol: 'XRP' }, 'any of XRP 1h'],
  ['none named, a timeframe', [btc, slow], { timeframe: '4h' }, 'slow of BTCUSDT 4h'],
  ['none named, two timeframes', [btc, slow], {}, { code: 'invalid-request' }],
  ['none named, two symbols', [btc, eth], {}, { code: 'invalid-request' }],
  ['none fits', [btc], { symbol: 'ETHUSDT' }, { code: 'unknown-model', message: /ETHUSDT/ }],
  ['none served', [refused], {}, { code: 'unknown-model' }],
  ['none named while one loads', [btc, loading], {}, { code: 'model-unavailable', retryAfterSeconds: 1 }],
  ['a named one while another loads', [btc, loading], { model: 'btc' }, 'btc of BTCUSDT 1h'],
]

for (const [name, models, target, expected] of cases) {
  t.test(name, (t) => {
    const choose = () => {
      const { models: chosen, symbol, timeframe } = chooseModels(registry(...models), target)
      return `${chosen.map(({ name }) => name).join(' ')} of ${symbol} ${timeframe}`
    }
    if (typeof expected === 'string') t.equal(choose(), expected)
    else t.throws(choose, expected)
    t.end()
  })
}
