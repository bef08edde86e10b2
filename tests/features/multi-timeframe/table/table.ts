import t from 'tap'
import { kernels, kernelOf } from '../../../../src/features/multi-timeframe/kernels/kernels.js'
import { recentRows } from '../../../../src/features/multi-timeframe/table/recent.js'
import { features, groups, lagName, nBase, slot } from '../../../../src/features/multi-timeframe/table/table.js'

t.test('110 base features and eleven of the last bars with three lags, each name once', (t) => {
  t.equal(nBase, 110)
  t.equal(recentRows.length, 11)
  t.equal(features.length, 110 + 44)
  t.equal(new Set(features.map(({ name }) => name)).size, features.length)
  t.equal(groups.length, 8)
  t.end()
})

t.test('each is computed by exactly one kernel, under its own name', (t) => {
  const written = kernels.flatMap((kernel) => Object.entries(kernel.writes))
  t.equal(written.length, nBase + recentRows.length)
  t.equal(new Set(written.map(([name]) => name)).size, written.length)
  for (const [name, at] of written) t.equal(features[at]!.name, name)
  for (const at of features.keys()) t.doesNotThrow(() => kernelOf(at))
  t.throws(() => kernelOf(-1), /no kernel/)
  t.end()
})

t.test('slots are places in the list', (t) => {
  for (const [name, at] of Object.entries(slot).slice(0, nBase + recentRows.length)) t.equal(features[at]!.name, name)
  t.end()
})

t.test('lag names', (t) => {
  t.equal(lagName('close_logret_current', 2), 'close_logret_lag_2')
  t.equal(lagName('log_volume', 2), 'log_volume_lag_2')
  t.equal(lagName('log_volume_delta_current', 2), 'log_volume_delta_lag_2')
  t.equal(lagName('sign_close_logret_current_x_log_volume', 2), 'sign_close_logret_lag_2_x_log_volume_lag_2')
  t.equal(lagName('close_logret_current_x_log_volume_delta_current', 2), 'close_logret_lag_2_x_log_volume_delta_lag_2')
  t.equal(lagName('high_current_low', 1), 'high_lag_1_low')
  t.end()
})
