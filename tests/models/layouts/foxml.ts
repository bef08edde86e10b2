import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readTarget } from '../../../src/models/layouts/read-target.js'
import { emptyDirectory } from '../support/models-directory.js'
import { addLayout, openLayouts, states } from '../support/layouts.js'
import { noOnnxruntime } from '../support/onnxruntime.js'

const fitted = ['rsi_14', 'close_to_high_52w', 'ret_5d', 'bb_position', 'atr_14', 'volume_change', 'macd_hist', 'ret_1d']

t.test('a run root: every family is a model, read in place', async (t) => {
  const directory = emptyDirectory(t.testdir())
  addLayout(directory, 'foxml-run')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const found = states(registry)
  t.same(Object.keys(found), [
    'foxml-run.fwd_ret_60m.lightgbm',
    'foxml-run.fwd_ret_60m.lstm',
    'foxml-run.fwd_ret_60m.quantilelightgbm',
    'foxml-run.fwd_ret_60m.random_forest',
    'foxml-run.fwd_ret_60m.symbol_specific.aapl.lightgbm',
    'foxml-run.will_peak_30m_0.8.lightgbm',
  ])
  t.equal(found['foxml-run.fwd_ret_60m.lightgbm'], 'served')
  t.match(found['foxml-run.fwd_ret_60m.random_forest'], /^bad-model: model.joblib is not read: pickles are never opened.*examples\/export/)
  t.match(found['foxml-run.will_peak_30m_0.8.lightgbm'], /BLOCKED: auc below 0.52/)
  const { manifest, source, featureNames } = registry.served('foxml-run.fwd_ret_60m.lightgbm')
  t.match(manifest, { timeframe: '5m', horizonBars: 12, output: 'return', inputPrecision: 'float32', features: { catalogue: 'foxml' } })
  t.same(source, { layout: 'foxml', path: 'foxml-run/targets/fwd_ret_60m/models/view=CROSS_SECTIONAL/family=lightgbm' })
  t.same(featureNames, fitted)
  t.equal(registry.served('foxml-run.fwd_ret_60m.symbol_specific.aapl.lightgbm').manifest.symbol, 'AAPL')
})

t.test('trap 1: families are matched whatever their spelling; trap 2: the order is that of fitting, not the sorted list', async (t) => {
  const directory = emptyDirectory(t.testdir())
  addLayout(directory, 'foxml-run')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const named = registry.served('foxml-run.fwd_ret_60m.lightgbm')
  const unnamed = registry.served('foxml-run.fwd_ret_60m.quantilelightgbm')
  t.same(unnamed.featureNames, fitted, 'columns without names take the fitted order')
  const row = Float64Array.of(55.1, 0.93, 0.004, 0.7, 1.2, -0.1, 0.03, 0.002)
  t.same(unnamed.score(row), named.score(row))
  const rounded = row.map(Math.fround)
  t.same(named.score(row), named.score(rounded), 'features reach the model as float32')
})

t.test('what cannot be told is refused', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const family = 'targets/fwd_ret_60m/models/view=CROSS_SECTIONAL/family=QuantileLightGBM'
  const spoil = (as: string, change: (meta: Record<string, unknown>, path: string) => void) => {
    const path = join(addLayout(directory, 'foxml-run', as), family)
    const meta = JSON.parse(readFileSync(join(path, 'model_meta.json'), 'utf8')) as Record<string, unknown>
    change(meta, path)
    writeFileSync(join(path, 'model_meta.json'), JSON.stringify(meta))
  }
  spoil('dropped', (meta) => (meta.features = [...fitted, 'ret_20d']))
  spoil('longer', (meta) => {
    meta.features = [...fitted, 'ret_20d']
    meta.feature_list = [...fitted, 'ret_20d'].sort()
  })
  spoil('interval', (meta) => (meta.interval_minutes = 5.0000001))
  spoil('no-interval', (meta) => (meta.interval_minutes = null))
  spoil('checksum', (meta) => (meta.model_checksum = 'a'.repeat(64)))
  spoil('upper-case', (meta) => (meta.model_checksum = (meta.model_checksum as string).toUpperCase()))
  spoil('pickled', (meta, path) => {
    writeFileSync(join(path, 'model.txt'), Buffer.from([0x80, 4, 0x95, 1, 2, 3]))
    meta.model_checksum = null
  })
  spoil('unknown', (meta) => {
    meta.features = fitted.with(0, 'rsi14')
    meta.feature_list = fitted.with(0, 'rsi14').sort()
  })
  // Sorted when it was written, or written by hand in an order that nobody states: neither is the order of fitting.
  spoil('list-alone', (meta) => {
    delete meta.features
    delete meta.feature_names
  })
  spoil('list-unsorted', (meta) => {
    delete meta.features
    delete meta.feature_names
    meta.feature_list = fitted
  })
  spoil('no-list', (meta) => {
    delete meta.features
    delete meta.feature_names
    delete meta.feature_list
  })
  spoil('fitted-alone', (meta) => delete meta.feature_list)
  spoil('no-file', (_, path) => rmSync(join(path, 'model.txt')))
  spoil('keras', (_, path) => renameSync(join(path, 'model.txt'), join(path, 'model.keras')))
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const found = states(registry)
  const listAlone =
    /^feature-mismatch: .*feature_list alone, which is sorted, .* the order of the model's 8 inputs cannot be told; state features/
  const expected: Record<string, RegExp> = {
    'list-alone': listAlone,
    'list-unsorted': listAlone,
    'no-list': /^bad-manifest: model_meta.json lists no features/,
    'fitted-alone': /^served$/,
    dropped: /^feature-mismatch: .*lists 9 features as fitted and 8 in feature_list.*cannot be told/,
    longer: /^feature-mismatch: .*lists 9 features, the model takes 8/,
    interval: /^bad-manifest: .*candles of 5.0000001 minutes are none of/,
    'no-interval': /^bad-manifest: .*states no interval_minutes; state the timeframe in a barcast.json/,
    checksum: /^checksum: model.txt is not the file of model_meta.json/,
    'upper-case': /^checksum: .*lower case/,
    pickled: /^bad-model: model.txt is a pickle/,
    unknown: /^feature-mismatch: .*rsi14 \(nearest: rsi_14\)/,
    'no-file': /^bad-model: there is no model file/,
    keras: /^bad-model: model.keras is not read: it needs the library that wrote it/,
  }
  for (const [as, reason] of Object.entries(expected)) t.match(found[`${as}.fwd_ret_60m.quantilelightgbm`], reason, as)
})

t.test('trap 4: a model without a digest is served only when that is allowed', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const path = join(addLayout(directory, 'foxml-run'), 'targets/fwd_ret_60m/models/view=CROSS_SECTIONAL/family=lightgbm/model_meta.json')
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), model_checksum: null }))
  const strict = await openLayouts(directory, { allowUnsigned: false })
  t.match(states(strict)['foxml-run.fwd_ret_60m.lightgbm'], /^checksum: model_meta.json states no sha256/)
  strict.close()
  const open = await openLayouts(directory)
  t.same(open.served('foxml-run.fwd_ret_60m.lightgbm').warnings, ['model_meta.json states no sha256 of model.txt'])
  open.close()
})

t.test('a sequence of candles', { skip: noOnnxruntime }, async (t) => {
  const directory = emptyDirectory(t.testdir())
  addLayout(directory, 'foxml-run')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const model = registry.served('foxml-run.fwd_ret_60m.lstm')
  t.equal(model.featureNames.length, 320)
  t.equal(model.featureNames[0], 'returns.open@63')
  t.match(model.manifest, { family: 'onnx', trainedFamily: 'lstm', features: { catalogue: 'raw-sequence', baseBars: 64 } })
  t.equal(model.precision, 'float32')
})

t.test('a ranking family is served as it scores, with what to put on top', { skip: noOnnxruntime }, async (t) => {
  const directory = emptyDirectory(t.testdir())
  const path = join(addLayout(directory, 'foxml-run'), 'targets/fwd_ret_60m/models/view=CROSS_SECTIONAL/family=LSTM/model_meta.json')
  const meta = JSON.parse(readFileSync(path, 'utf8')) as object
  writeFileSync(path, JSON.stringify({ ...meta, cross_sectional_ranking: { enabled: true } }))
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.match(registry.served('foxml-run.fwd_ret_60m.lstm').warnings.join(), /its raw score is served; an ensemble by the rule rank/)
  const refused = registry.entry('foxml-run.fwd_ret_60m.random_forest')
  t.match(
    refused,
    { state: 'refused', manifest: { target: 'fwd_ret_60m', trainedFamily: 'randomforest', horizonBars: 12 } },
    'what is known of it is kept',
  )
})

t.test('a family is found at whatever level, and a name that is taken is told', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const models = join(addLayout(directory, 'foxml-run', 'fox'), 'targets/fwd_ret_60m/models')
  const family = join(models, 'view=CROSS_SECTIONAL/family=lightgbm')
  const places = [
    'view=CROSS_SECTIONAL/universe=abc123/family=lightgbm',
    'view=CROSS_SECTIONAL/symbol=AAPL/family=lightgbm',
    'view=SYMBOL_SPECIFIC/universe=abc123/symbol=AAPL/family=lightgbm',
    'view=SYMBOL_SPECIFIC/symbol=BTC-USD/family=lightgbm',
    'view=SYMBOL_SPECIFIC/symbol=btc usd/family=lightgbm',
    'family=lightgbm',
  ]
  for (const place of places) cpSync(family, join(models, place), { recursive: true })
  addLayout(directory, 'foxml-run', 'Fox')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const found = states(registry)
  const expected: Record<string, RegExp> = {
    'abc123.lightgbm': /^served$/,
    'aapl.lightgbm': /^served$/,
    'symbol_specific.aapl.lightgbm': /^served$/,
    'symbol_specific.abc123.aapl.lightgbm': /^served$/,
    'symbol_specific.btc-usd.lightgbm': /^served$/,
    'symbol_specific.btc-usd.lightgbm.2':
      /^bad-manifest: its name would be fox.fwd_ret_60m.symbol_specific.btc-usd.lightgbm, which is that of .*symbol=BTC-USD.*: rename one/,
    lightgbm: /^served$/,
    'lightgbm.2': /^bad-manifest: its name would be fox.fwd_ret_60m.lightgbm, which is that of Fox\/targets/,
    'lightgbm.3': /^bad-manifest: its name would be fox.fwd_ret_60m.lightgbm/,
  }
  for (const [name, state] of Object.entries(expected)) t.match(found[`fox.fwd_ret_60m.${name}`], state, name)
  t.match(registry.served('fox.fwd_ret_60m.abc123.lightgbm').source.path, /view=CROSS_SECTIONAL\/universe=abc123\/family=lightgbm$/)
  t.equal(registry.served('fox.fwd_ret_60m.symbol_specific.abc123.aapl.lightgbm').manifest.symbol, 'AAPL')
})

t.test('the horizon is in the name, or stated, or not known', async (t) => {
  const bars = (name: string, timeframe: '5m' | '30m' | '1d' = '5m') => readTarget(name, timeframe, 390 * 60_000).horizonBars
  t.same(
    ['fwd_ret_60m', 'will_peak_60m_0.8', 'p_30m_to_60m', 'Y_LOGRET_24B', 'fwd_ret_1d'].map((name) => bars(name)),
    [12, 12, 12, 24, 78],
  )
  t.same(
    ['fwd_ret_7m', 'fwd_ret_oc_same_day', 'p_30m_to_60m_0.8', 'fwd_ret_0b', 'fwd_ret_10x'].map((name) => bars(name)),
    Array(5).fill(undefined),
  )
  t.same([bars('fwd_ret_5d', '30m'), bars('fwd_ret_5d', '1d'), bars('fwd_ret_60m', '1d')], [65, 5, undefined])

  const directory = emptyDirectory(t.testdir())
  const targets = join(addLayout(directory, 'foxml-run', 'fox'), 'targets')
  const addTarget = (name: string, stated = name) => {
    const path = join(targets, name, 'models/view=CROSS_SECTIONAL/family=lightgbm')
    mkdirSync(path, { recursive: true })
    cpSync(join(targets, 'fwd_ret_60m/models/view=CROSS_SECTIONAL/family=lightgbm'), path, { recursive: true })
    const meta = JSON.parse(readFileSync(join(path, 'model_meta.json'), 'utf8')) as object
    writeFileSync(join(path, 'model_meta.json'), JSON.stringify({ ...meta, target: stated }))
    return path
  }
  addTarget('will_peak_60m_0.8')
  addTarget('fwd_ret_7m')
  addTarget('fwd_ret_oc_same_day')
  writeFileSync(join(addTarget('stated_same_day'), 'barcast.json'), '{"horizon_bars": 78}')
  addTarget('a_b_15m', 'a/b_15m')
  addTarget('fwd_ret_15m', 'y_logret_60m')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const found = states(registry)
  const peak = registry.served('fox.will_peak_60m_0.8.lightgbm')
  t.match([peak.manifest.horizonBars, peak.warnings], [12, []])
  t.match(
    found['fox.fwd_ret_7m.lightgbm'],
    /^bad-manifest: .*the target fwd_ret_7m does not say it in whole bars of 5m; state horizon_bars/,
  )
  t.match(
    registry.entry('fox.fwd_ret_7m.lightgbm'),
    {
      manifest: {
        ...{ target: 'fwd_ret_7m', timeframe: '5m', output: 'return', family: 'lightgbm', trainedFamily: 'lightgbm' },
        ...{ horizonBars: undefined, features: { catalogue: 'foxml' } },
      },
    },
    'what could be read is kept',
  )
  t.match(found['fox.fwd_ret_oc_same_day.lightgbm'], /^bad-manifest: how far ahead the model looks is not known/)
  t.equal(registry.served('fox.stated_same_day.lightgbm').manifest.horizonBars, 78)
  t.same(registry.served('fox.a_b_15m.lightgbm').warnings, [], 'a folder is named without slashes')
  const doubted = registry.served('fox.fwd_ret_15m.lightgbm')
  t.match(doubted.manifest, { target: 'fwd_ret_15m', horizonBars: 3, output: 'return' }, 'all of it from one name')
  t.match(doubted.warnings.join(), /model_meta.json names the target y_logret_60m, the folder fwd_ret_15m: .* from the folder's name/)
})
