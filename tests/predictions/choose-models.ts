import t from 'tap'
import type { Timeframe } from '../../src/candles/timeframe.js'
import { Problem } from '../../src/errors.js'
import type { ProblemCode } from '../../src/errors.js'
import { familyKey } from '../../src/family-key.js'
import type { Manifest, ModelEntry, ServedModel } from '../../src/models/model.js'
import { chooseModels } from '../../src/predictions/choose-models.js'
import { familyRank } from '../../src/predictions/family-rank.js'

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
    isLoaded: () => false,
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

t.test('a newcomer is asked by its name until it is served', (t) => {
  const later = { ...registry(btc, loading), isLoaded: () => true }
  t.same(
    chooseModels(later, {}).models.map(({ name }) => name),
    ['btc'],
  )
  t.throws(() => chooseModels(later, { model: 'loading' }), { code: 'model-unavailable' })
  t.throws(() => chooseModels({ ...registry(loading), isLoaded: () => true }, {}), { code: 'unknown-model' })
  t.end()
})

t.test('a target by its own name, or all its horizons', (t) => {
  const of = (name: string, manifest: Partial<Manifest>): ModelEntry => ({
    ...(served(name, undefined, '1h') as Extract<ModelEntry, { state: 'served' }>),
    model: { name, manifest: { symbol: undefined, timeframe: '1h', family: 'lightgbm', ...manifest } } as ServedModel,
  })
  const day = of('day', { target: 'y_logret_24h' })
  const week = of('week', { target: 'y_logret_168h', family: 'onnx', trainedFamily: 'lstm' })
  const peak = of('peak', { target: 'will_peak_30m_0.8' })
  const namesOf = (entries: readonly ModelEntry[], target: string, familyPriority?: readonly string[]) =>
    chooseModels(registry(...entries), { target, symbol: 'A', ...(familyPriority && { familyPriority }) }).models.map(({ name }) => name)
  t.same(namesOf([day, week, peak], 'y_logret'), ['day', 'week'])
  t.same(namesOf([day, week, peak], 'y_logret_24h'), ['day'])
  t.same(namesOf([day, week, of('all', { target: 'y_logret' })], 'y_logret'), ['all'], 'when a model states just that name, it is meant')
  t.throws(() => namesOf([peak], 'will_peak'), { code: 'unknown-model' })
  t.throws(() => namesOf([day, week], 'y'), { code: 'unknown-model' })
  t.same(namesOf([day, week], 'y_logret', ['L_S_T_M']), ['week'], 'the family that it was trained as')
  t.same(namesOf([day, week], 'y_logret', ['ONNX']), ['week'], 'or the one that scores it')
  t.same(namesOf([day, week], 'y_logret', ['lgbm', 'lstm']), ['day', 'week'])
  t.end()
})

t.test('families in their order: the trained one before the scoring one', (t) => {
  const lstm = { family: 'onnx', trainedFamily: 'lstm' }
  const network = { family: 'onnx' }
  t.equal(familyRank(lstm, ['onnx', 'LSTM']), 0.5)
  t.equal(familyRank(lstm, ['LSTM', 'onnx']), 0)
  t.equal(familyRank(network, ['LSTM', 'onnx']), 1)
  t.equal(familyRank(network, ['LSTM']), -1)
  t.same(['QuantileLightGBM', 'quantile_light_g_b_m', 'quantile-lightgbm'].map(familyKey), Array(3).fill('quantilelightgbm'))
  t.same(['lgb', 'XGB', 'NN', 'CNN'].map(familyKey), ['lightgbm', 'xgboost', 'neuralnetwork', 'cnn1d'])
  t.end()
})
