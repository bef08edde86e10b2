import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
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
  spoil('no-file', (_, path) => rmSync(join(path, 'model.txt')))
  spoil('keras', (_, path) => renameSync(join(path, 'model.txt'), join(path, 'model.keras')))
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const found = states(registry)
  const expected: Record<string, RegExp> = {
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
