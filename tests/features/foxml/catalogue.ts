import t from 'tap'
import type { Frame } from '../../../src/candles/frame.js'
import { FeatureMismatch } from '../../../src/features/catalogue.js'
import { foxml } from '../../../src/features/foxml/catalogue.js'
import { closeTo, row } from '../support/catalogue-rows.js'
import { goldenSeries } from '../support/golden-series.js'

/** What the FeatureBuilder gives for the golden series, before its cast to float32. */
const golden: Readonly<Record<string, number>> = {
  ret_1d: 0.004547202343714307,
  ret_5d: -0.009306134937311472,
  ret_10d: -0.020066169007473822,
  ret_20d: -0.03833620904841151,
  ret_60d: -0.05035048458911506,
  vol_5d: 0.004425065585207594,
  vol_10d: 0.005056286788824226,
  vol_20d: 0.004583150362303571,
  vol_60d: 0.0051930317372143285,
  rsi_14: 20.71658420652264,
  rsi_7: 25.327792435729094,
  rsi_21: 26.387069670386097,
  ma_ratio_10: -0.006731134587120047,
  ma_ratio_20: -0.01995597077535649,
  ma_ratio_50: -0.0209741664357197,
  bb_position: 0.16466634758061763,
  bb_width: 0.059510790615189046,
  macd: -0.7505413132051046,
  macd_signal: -0.5140436492090977,
  macd_hist: -0.2364976639960069,
  mom_5d: -0.8685402986080959,
  mom_10d: -1.8933365386279064,
  mom_20d: -3.685920826700709,
  atr_14: 0.8615797897803331,
  high_low_range: 0.009713664555694777,
  volume_ma_ratio: 1.09052450154726,
  volume_change: 0.12077294685990347,
  close_to_high_52w: 0.8401989301607813,
  close_to_low_52w: 1.0045472023437143,
}

/** Bars from which on a value is not NaN. */
const minBars: Readonly<Record<string, number>> = {
  ...{ ret_1d: 2, ret_5d: 6, ret_10d: 11, ret_20d: 21, ret_60d: 61, vol_5d: 6, vol_10d: 11, vol_20d: 21, vol_60d: 61 },
  ...{ rsi_14: 14, rsi_7: 7, rsi_21: 21, ma_ratio_10: 10, ma_ratio_20: 20, ma_ratio_50: 50, bb_position: 20, bb_width: 20 },
  ...{ macd: 1, macd_signal: 1, macd_hist: 1, mom_5d: 6, mom_10d: 11, mom_20d: 21, atr_14: 14, high_low_range: 1 },
  ...{ volume_ma_ratio: 20, volume_change: 2, close_to_high_52w: 20, close_to_low_52w: 20 },
}

t.test('the golden series gives the golden values', (t) => {
  const catalogue = foxml()
  t.same(catalogue.names, Object.keys(golden), 'the 29 names, in the builder’s order')
  const values = row(catalogue, catalogue.names, goldenSeries(300), 300)
  catalogue.names.forEach((name, k) => closeTo(t, values[k]!, golden[name]!, 1e-11, name))
  t.end()
})

t.test('a value is there from its minimum of bars on, and not before', (t) => {
  const catalogue = foxml()
  const series = goldenSeries(70)
  for (const name of catalogue.names) {
    const least = minBars[name]!
    t.notOk(Number.isNaN(row(catalogue, [name], series, least)[0]), `${name} with ${least} bars`)
    if (least > 1) t.ok(Number.isNaN(row(catalogue, [name], series, least - 1)[0]), `${name} with ${least - 1} bars`)
  }
  t.end()
})

t.test('a flat market without volume', (t) => {
  const n = 300
  const flat = (value: number) => new Float64Array(n).fill(value)
  const { openTimeMs } = goldenSeries(n)
  const frame: Frame = { nBars: n, openTimeMs, open: flat(0.1), high: flat(0.1), low: flat(0.1), close: flat(0.1), volume: flat(0) }
  const catalogue = foxml()
  const values = row(catalogue, catalogue.names, frame, n)
  catalogue.names.forEach((name, k) => {
    if (/^rsi_|^volume_/.test(name)) t.ok(Number.isNaN(values[k]), `${name} is missing`)
    else t.equal(values[k], name === 'bb_position' ? 0.5 : /52w$/.test(name) ? 1 : 0, name)
  })
  t.end()
})

t.test('zero-volume bars give ∞, a market that only falls an RSI of 0, one that only rises none', (t) => {
  const series = goldenSeries(30)
  const volume = series.volume.slice()
  volume[28] = 0
  t.equal(row(foxml(), ['volume_change'], { ...series, volume }, 30)[0], Infinity)
  const line = (step: number) => Float64Array.from({ length: 30 }, (_, i) => 100 + step * i)
  t.equal(row(foxml(), ['rsi_14'], { ...series, close: line(-1) }, 30)[0], 0)
  t.ok(Number.isNaN(row(foxml(), ['rsi_14'], { ...series, close: line(1) }, 30)[0]))
  t.end()
})

t.test('unknown names are refused with the nearest one', (t) => {
  t.throws(() => foxml().compile(['ret_5d', 'rsi14'], { baseBars: 300, bufferBars: 0 }), FeatureMismatch)
  try {
    foxml().compile(['rsi14'], { baseBars: 300, bufferBars: 0 })
  } catch (error) {
    t.same((error as FeatureMismatch).unknown, [{ name: 'rsi14', nearest: 'rsi_14' }])
  }
  t.end()
})
