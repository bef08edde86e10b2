import t from 'tap'
import { cryptoBot } from '../../../src/features/crypto-bot/catalogue.js'
import { closeTo, row } from '../support/catalogue-rows.js'
import { goldenSeries } from '../support/golden-series.js'

const golden: Readonly<Record<string, number>> = {
  atr_14: 0.8615797897803331,
  bb_lower: 91.53680528925977,
  bb_middle: 94.34404978554814,
  bb_upper: 97.1512942818365,
  bb_width: 0.059510790615189026,
  ema_20: 93.86050515351158,
  ema_50: 94.98430600499667,
  log_returns: 0.004536895053548024,
  macd: -0.7505413132051046,
  macd_diff: -0.2364976639960069,
  macd_signal: -0.5140436492090977,
  returns: 0.004547202343714307,
  rsi_14: 20.71658420652264,
  volatility: 0.004583150362303571,
  volume_change: 0.12077294685990347,
}

t.test('the golden series gives the golden values, in the sorted order that the scaler was fitted in', (t) => {
  const catalogue = cryptoBot()
  t.same(catalogue.names, Object.keys(golden))
  const values = row(catalogue, catalogue.names, goldenSeries(300), 300)
  catalogue.names.forEach((name, k) => closeTo(t, values[k]!, golden[name]!, 1e-11, name))
  t.end()
})

t.test('without losses the RSI is 100, without any movement missing', (t) => {
  const series = goldenSeries(30)
  const line = (step: number) => Float64Array.from({ length: 30 }, (_, i) => 100 + step * i)
  t.equal(row(cryptoBot(), ['rsi_14'], { ...series, close: line(1) }, 30)[0], 100)
  t.ok(Number.isNaN(row(cryptoBot(), ['rsi_14'], { ...series, close: line(0) }, 30)[0]))
  t.end()
})

t.test('the first bars at which values are there', (t) => {
  const series = goldenSeries(60)
  const least = { returns: 2, rsi_14: 14, macd: 1, atr_14: 14, ema_20: 1, bb_upper: 20, volatility: 21, volume_change: 2 }
  for (const [name, bars] of Object.entries(least)) {
    t.notOk(Number.isNaN(row(cryptoBot(), [name], series, bars)[0]), `${name} with ${bars} bars`)
    if (bars > 1) t.ok(Number.isNaN(row(cryptoBot(), [name], series, bars - 1)[0]), `${name} with ${bars - 1} bars`)
  }
  t.end()
})
