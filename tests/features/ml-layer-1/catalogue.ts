import t from 'tap'
import { flatName, minutesPerRow, mlLayer1 } from '../../../src/features/ml-layer-1/catalogue.js'
import { minuteFeatures } from '../../../src/features/ml-layer-1/minute-features.js'
import { closeTo, row } from '../support/catalogue-rows.js'
import { goldenSeries } from '../support/golden-series.js'

const everywhere: Readonly<Record<string, number>> = {
  log_return_1m: 0.004536895053548024,
  log_return_5m: -0.00934970755014647,
  log_return_15m: -0.04092511149364163,
  volatility_5m: 0.0039628203600151875,
  volatility_15m: 0.00428837068272464,
  volatility_30m: 0.004779292445515446,
  sma_5_norm: -0.002854056196986,
  sma_15_norm: -0.014320327506844,
  sma_30_norm: -0.02418323172615,
  volume_sma_ratio: 1.09052450154726,
  vwap_deviation: -0.021048628852634206,
  price_position: 0.7152784518559863,
  spread_bps: 97.13664555694777,
}
const whole = { ema_5_norm: -0.0024179733961688854, ema_15_norm: -0.012102901090024182, ema_30_norm: -0.019377690152513997 }
const last60 = { ema_5_norm: -0.0024179733957366946, ema_15_norm: -0.012093948915211724, ema_30_norm: -0.01870613505672087 }

t.test('the golden series gives the golden values, from its whole history and from the last 60 bars', (t) => {
  const series = goldenSeries(300)
  for (const [bars, golden] of [
    [300, { ...everywhere, ...whole, rsi_14: 0.34110447199420313 }],
    [60, { ...everywhere, ...last60, rsi_14: 0.3391100500086861, vwap_deviation_cumulative: -0.022687147577379267 }],
  ] as const) {
    const names = Object.keys(golden)
    const values = row(mlLayer1(), names, series, bars)
    names.forEach((name, k) => closeTo(t, values[k]!, (golden as Record<string, number>)[name]!, 1e-13, `${name} of ${bars} bars`))
  }
  t.end()
})

t.test('the first minute of an isolated window', (t) => {
  const names = minuteFeatures.map(({ name }) => name)
  const values = row(
    mlLayer1(),
    names.map((name) => flatName(0, name)),
    goldenSeries(300),
    60,
  )
  const expected: Record<string, number> = {
    rsi_14: 0.5,
    volume_sma_ratio: 1,
    vwap_deviation: -0.0012718364628953843,
    price_position: 0.265057753889437,
  }
  names.forEach((name, k) => {
    if (k >= 11) closeTo(t, values[k]!, expected[name] ?? 0, 1e-14, name)
  })
  t.end()
})

t.test('a flattened row: oldest minute first, 27 features each, under both names of its columns', (t) => {
  const series = goldenSeries(300)
  const columns = Array.from({ length: minutesPerRow * minuteFeatures.length }, (_, k) => k)
  const byNumber = row(
    mlLayer1(),
    columns.map((k) => `Column_${k}`),
    series,
    120,
  )
  const byName = row(
    mlLayer1(),
    columns.map((k) => flatName(Math.floor(k / 27), minuteFeatures[k % 27]!.name)),
    series,
    120,
  )
  t.same(byNumber, byName)
  t.equal(byNumber[3], series.close[240], 'close of the oldest minute')
  t.equal(byNumber[59 * 27 + 3], series.close[299], 'close of the newest')
  t.same(
    row(
      mlLayer1(),
      minuteFeatures.map(({ name }) => name),
      series,
      120,
    ),
    byNumber.slice(59 * 27),
    'plain names are those of the newest minute',
  )
  t.end()
})

t.test('edges: too little history, no volume, no range, only gains', (t) => {
  const series = goldenSeries(100)
  t.ok(Number.isNaN(row(mlLayer1(), ['m00_close'], series, 59)[0]), 'a minute before the window')
  const zero = new Float64Array(100)
  t.equal(row(mlLayer1(), ['vwap_deviation'], { ...series, volume: zero }, 60)[0], 0)
  t.equal(row(mlLayer1(), ['volume_sma_ratio'], { ...series, volume: zero }, 60)[0], 1)
  t.equal(row(mlLayer1(), ['price_position'], { ...series, high: series.close, low: series.close }, 60)[0], 0.5)
  t.equal(row(mlLayer1(), ['rsi_14'], { ...series, close: Float64Array.from({ length: 100 }, (_, i) => 1 + i) }, 60)[0], 1)
  t.equal(row(mlLayer1(), ['rsi_14'], series, 14)[0], 0.5, 'fewer than 15 bars')
  t.throws(() => mlLayer1().compile(['Column_1620'], { baseBars: 60, bufferBars: 0 }))
  t.end()
})
