import { copyFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { emptyDirectory, samples } from '../support/models-directory.js'
import { openLayouts, states } from '../support/layouts.js'

const huber: object = { name: 'huber', params: {} }

/** A run of the training pipeline around one of the sample models. */
function addRun(directory: string, name: string, { target = 'y_logret_168h', objective = huber, sample = 'btcusdt-logret-168h' } = {}) {
  const path = join(directory, name)
  mkdirSync(path, { recursive: true })
  copyFileSync(join(samples, sample, 'model.txt'), join(path, 'model.txt'))
  writeFileSync(
    join(path, 'run_metadata.json'),
    JSON.stringify({ target, timestamp: '2025-10-08 14:58:09', metrics: { corr_test: null }, model_type: 'lgbm' }).replace('null', 'NaN'),
  )
  writeFileSync(
    join(path, 'pipeline_config.json'),
    JSON.stringify({ target: { variable: target, objective }, model: { type: 'lgbm', params: {} } }),
  )
  return path
}

t.test('a run is a model; a folder of runs is its newest one', async (t) => {
  const directory = emptyDirectory(t.testdir())
  addRun(directory, 'run_20251008_145809_lgbm_y_logret_168h_huber')
  addRun(directory, 'trend/run_20250101_000000_lgbm_y_logret_168h_huber')
  addRun(directory, 'trend/run_20251231_235959_lgbm_y_logret_24h_huber', { target: 'y_logret_24h' })
  mkdirSync(join(directory, 'trend/run_20261231_235959_unfinished'))
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.same(states(registry), { run_20251008_145809_lgbm_y_logret_168h_huber: 'served', trend: 'served' })
  const { manifest, source } = registry.served('trend')
  t.match(manifest, {
    version: '2025-10-08 14:58:09',
    timeframe: '1h',
    output: 'log_return',
    target: 'y_logret_24h',
    horizonBars: 24,
    features: { catalogue: 'multi-timeframe', baseBars: 720, bufferBars: 6 },
  })
  t.same(source, { layout: 'training-runs', path: 'trend/run_20251231_235959_lgbm_y_logret_24h_huber' })
})

t.test('runs of one time: the newer model file wins', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const older = addRun(directory, 'trend/run_20250101_000000_a', { target: 'y_logret_24h' })
  addRun(directory, 'trend/run_20250101_000000_b', { target: 'y_ret_12h' })
  utimesSync(join(older, 'model.txt'), 1, 1)
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.match(registry.served('trend').manifest, { output: 'return', horizonBars: 12 })
})

t.test('runs have any name; bundles and families of other systems are no runs', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const stamped = (path: string, timestamp: string, target: string) =>
    writeFileSync(join(path, 'run_metadata.json'), JSON.stringify({ target, timestamp }))
  stamped(addRun(directory, 'mixed/champion'), '2025-12-31 00:00:00', 'y_logret_24h')
  addRun(directory, 'mixed/run_20251230_235959_lgbm_y_logret_168h_huber')
  stamped(addRun(directory, 'mixed/.copying'), '2026-12-31 00:00:00', 'y_logret_48h')
  stamped(addRun(directory, 'mixed/bundle'), '2026-12-31 00:00:00', 'y_logret_48h')
  writeFileSync(join(directory, 'mixed/bundle/model.json'), '{}')
  stamped(addRun(directory, 'mixed/family'), '2026-12-31 00:00:00', 'y_logret_48h')
  writeFileSync(join(directory, 'mixed/family/model_meta.json'), '{}')
  for (const [name, seconds, target] of [
    ['a', 1, 'y_logret_1h'],
    ['b', 3, 'y_logret_3h'],
    ['c', 2, 'y_logret_2h'],
  ] as const) {
    const path = addRun(directory, `by-file/${name}`, { target })
    writeFileSync(join(path, 'run_metadata.json'), JSON.stringify({ target }))
    utimesSync(join(path, 'model.txt'), seconds, seconds)
  }
  addRun(directory, 'alone')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.same(states(registry), { alone: 'served', 'by-file': 'served', mixed: 'served' })
  t.same(registry.served('mixed').source, { layout: 'training-runs', path: 'mixed/champion' })
  t.equal(registry.served('by-file').manifest.target, 'y_logret_3h')
  t.same(registry.served('alone').source, { layout: 'training-runs', path: 'alone' })
})

t.test('two targets in one run: which one counts is told', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const path = addRun(directory, 'two', { target: 'y_logret_168h' })
  writeFileSync(join(path, 'run_metadata.json'), JSON.stringify({ target: 'y_ret_24h' }))
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const { manifest, warnings } = registry.served('two')
  t.match(manifest, { target: 'y_ret_24h', horizonBars: 24, output: 'return' })
  t.match(
    warnings.join(),
    /run_metadata.json names the target y_ret_24h, pipeline_config.json y_logret_168h: .* are taken from run_metadata.json/,
  )
})

t.test('a quantile that is not told is refused', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const objectives: Record<string, unknown> = {
    none: { name: 'quantile', params: {} },
    one: { name: 'quantile', params: { alpha: 1 } },
    text: { name: 'quantile', params: { alpha: '0.5' } },
    bare: 'quantile',
    several: { type: 'quantiles', quantiles: [0.05, 0.95] },
  }
  for (const [name, objective] of Object.entries(objectives)) addRun(directory, name, { objective: objective as object })
  const elsewhere = addRun(directory, 'elsewhere', { objective: { name: 'quantile' } })
  const config = { target: { objective: { name: 'quantile', params: { alpha: 0.25 } } } }
  writeFileSync(join(elsewhere, 'run_metadata.json'), JSON.stringify({ target: 'y_logret_168h', config }))
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const found = states(registry)
  for (const name of Object.keys(objectives))
    t.match(
      found[name],
      /^bad-manifest: the objective is quantile, but which one is not told.*: state target.objective.params.alpha, between 0 and 1/,
      name,
    )
  t.equal(registry.served('elsewhere').manifest.quantile, 0.25)
})

t.test('quantile, overrides, and what the files do not say', async (t) => {
  const directory = emptyDirectory(t.testdir())
  addRun(directory, 'quantile/run_20250101_000000_q', { objective: { name: 'quantile', params: { alpha: 0.05 } } })
  addRun(directory, 'older/run_20250101_000000_q', { objective: { type: 'quantiles', quantiles: [0.95] } })
  addRun(directory, 'unknown/run_20250101_000000_x', { target: 'y_custom' })
  writeFileSync(
    join(addRun(directory, 'stated/run_20250101_000000_x', { target: 'y_custom' }), 'barcast.json'),
    '{"horizon_bars": 8, "symbol": "BTCUSDT", "output": "log_return"}',
  )
  writeFileSync(join(addRun(directory, 'wrong/run_20250101_000000_x'), 'barcast.json'), '{"horizon": 8}')
  writeFileSync(join(addRun(directory, 'twice'), 'barcast.json'), '{"horizon_bars": 8, "horizon_bars": 9}')
  writeFileSync(join(addRun(directory, 'other-candles'), 'barcast.json'), '{"timeframe": "5m"}')
  writeFileSync(
    join(addRun(directory, 'other/run_20250101_000000_x'), 'feature_importance.csv'),
    'feature,importance_gain\nsomething_else,1\n',
  )
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.match(registry.served('quantile').manifest, { quantile: 0.05, trainedFamily: 'quantilelightgbm', target: 'y_logret_168h' })
  t.equal(registry.served('older').manifest.quantile, 0.95)
  t.match(
    states(registry).unknown,
    /^bad-manifest: how far ahead the model looks is not known: the target y_custom does not say it; state horizon_bars in a barcast.json/,
  )
  t.match(registry.entry('unknown'), { manifest: { target: 'y_custom', timeframe: '1h', output: 'score', horizonBars: undefined } })
  t.match(states(registry).twice, /^bad-manifest: barcast.json: \/horizon_bars: the key "horizon_bars" is given twice/)
  t.match(registry.served('stated').manifest, { horizonBars: 8, symbol: 'BTCUSDT', output: 'log_return' })
  t.match(states(registry).wrong, /^bad-manifest: barcast.json: /)
  t.match(states(registry)['other-candles'], /^bad-manifest: the run: catalogue multi-timeframe is for candles of 1h, not 5m/)
  t.match(registry.served('other').warnings.join(), /feature_importance.csv does not list .* it may belong to another model/)
})

t.test('a run states no digest: it is served only when that is allowed', async (t) => {
  const directory = emptyDirectory(t.testdir())
  addRun(directory, 'trend/run_20250101_000000_a')
  const registry = await openLayouts(directory, { allowUnsigned: false })
  t.teardown(() => registry.close())
  t.match(states(registry).trend, /^checksum: the run states no sha256 of model.txt; add it, or allow unsigned bundles/)
})
