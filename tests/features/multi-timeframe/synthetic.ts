import t from 'tap'
import { multiTimeframe } from '../../../src/features/multi-timeframe/catalogue.js'
import { baseName, near } from '../support/compare.js'
import { barsOf, frameOf, type Bar } from '../support/frames.js'
import { plainFeatures } from '../support/plain-features.js'

const nBars = 726
const startMs = Date.UTC(2024, 1, 27, 7)
const catalogue = multiTimeframe()

const closes = (close: (i: number, back: number) => number) => Array.from({ length: nBars }, (_, i) => close(i, nBars - 1 - i))
const flat = (bars: readonly Bar[]) => bars.map(([, , , c, v]): Bar => [c, c, c, c, v])
const noVolume = () => 0
/** A walk that repeats itself never within the window and needs no random numbers. */
const walk = (i: number) => 100 * Math.exp(0.03 * Math.sin(i * 1.7) + 0.02 * Math.sin(i * i * 0.31) + 0.0002 * i)
const ticks = (i: number) => Math.round(walk(i) * 2) / 2

const frames: Record<string, readonly Bar[]> = {
  'constant 100': flat(barsOf(closes(() => 100))),
  'constant 100.1': flat(barsOf(closes(() => 100.1))),
  'constant 30123.45 without volume': flat(
    barsOf(
      closes(() => 30123.45),
      0,
      noVolume,
    ),
  ),
  'constant close with a range': barsOf(closes(() => 100)),
  'no volume': barsOf(closes(walk), 0.002, noVolume),
  'flat bars on a walk': flat(barsOf(closes(walk))),
  'up by 1': barsOf(
    closes((i) => 100 + i),
    0,
  ),
  'up by 0.1': barsOf(closes((i) => 100 + i * 0.1)),
  'up by a tenth of a percent': barsOf(closes((i) => 100 * 1.001 ** i)),
  'down by 1': barsOf(closes((i) => 1000 - i)),
  'spike five bars ago': barsOf(closes((_, back) => (back === 5 ? 150 : 100))),
  'spike now': barsOf(closes((_, back) => (back === 0 ? 150 : 100))),
  'spike forty bars ago': barsOf(closes((_, back) => (back === 40 ? 150 : 100))),
  'spike inside a walk': barsOf(closes((i, back) => walk(i) * (back === 12 ? 3 : 1))),
  'no volume in the last 30 bars': barsOf(closes(walk), 0.002, (i) => (i >= nBars - 30 ? 0 : 10 + (i % 7))),
  'no volume in the last bar': barsOf(closes(walk), 0.002, (i) => (i === nBars - 1 ? 0 : 10 + (i % 7))),
  'no volume in the last 620 bars': barsOf(closes(walk), 0.002, (i) => (i >= nBars - 620 ? 0 : 10 + (i % 7))),
  'a step': barsOf(closes((_, back) => (back < 300 ? 200 : 100))),
  'zigzag between two prices': barsOf(closes((i) => 100 + (i % 2))),
  'a trillionth of the price': barsOf(closes((i) => walk(i) * 1e-12)),
  'ten million times the price': barsOf(
    closes((i) => walk(i) * 1e7),
    0.002,
    (i) => 1e9 + i * 1e6,
  ),
  'a halt of 100 bars': barsOf(closes((i, back) => walk(back > 120 ? i : Math.min(i, nBars - 121)))),
  'coarse ticks': barsOf(closes(ticks), 0),
  'flat last bar': [...barsOf(closes(walk)).slice(0, -1), [100, 100, 100, 100, 5]],
  dojis: barsOf(closes(walk)).map(([, h, l, c, v]): Bar => [c, h, l, c, v]),
  'sine of ten bars': barsOf(closes((i) => 100 + 5 * Math.sin((2 * Math.PI * i) / 10))),
}

for (const [title, bars] of Object.entries(frames)) {
  for (const bufferBars of [0, 6]) {
    t.test(`${title}, buffer ${bufferBars}`, (t) => {
      const values = compute(bars, bufferBars)
      const plain = plainFeatures(frameOf(bars, startMs), nBars - 1, 720, bufferBars)
      const differing = [...values].filter(
        ([name, value]) => !(agrees(baseName(name), value, plain.get(name)!) || unmatchable(title, name)),
      )
      t.strictSame(
        differing.map(([name, value]) => `${name} ${value} ${plain.get(name)}`),
        [],
      )
      const infinite = [...values].filter(([name, value]) => Math.abs(value) === Infinity && !name.startsWith('close_perm_entropy'))
      t.strictSame(infinite, [])
      t.end()
    })
  }
}

/** Sums in another order differ by rounding, which is all that is left of a spectrum or a correlation of nearly nothing. */
function agrees(name: string, fast: number, plain: number): boolean {
  return near(fast, plain, 1e-9, name === 'close_spectral_entropy_50' ? 1e-12 : 1e-13)
}

/** A lone spike has a flat spectrum: the strongest frequency is the first that rounding does not put below the others. */
function unmatchable(title: string, name: string): boolean {
  return title.startsWith('spike') && name.startsWith('close_dominant_cycle_length')
}

t.test('what is defined on constant prices', (t) => {
  const values = compute(frames['constant 100']!, 0)
  const expected: Record<string, number> = {
    close_rsi_14: 100,
    close_mfi_14: 100,
    close_stoch_k_14: 50,
    close_stoch_d_14_3: 50,
    close_williams_r_14: -50,
    close_uo_7_14_28: NaN,
    close_zscore_20: NaN,
    close_cci_20: NaN,
    close_bb_percent_20_2: 0.5,
    close_position_in_range_20: 0.5,
    close_donchian_pos_20: 0.5,
    close_donchian_upper_dist_20: 0,
    close_donchian_lower_dist_20: 0,
    close_dominant_cycle_length_50: 50,
    close_cycle_strength_50: NaN,
    close_spectral_entropy_50: NaN,
    close_perm_entropy_3_50: -Infinity,
    close_adx_14: NaN,
    close_di_plus_14: NaN,
    close_di_minus_14: NaN,
    close_dist_ema12_atr: NaN,
    close_vol_ratio_5_50: NaN,
    close_skew_30: NaN,
    close_kurt_30: NaN,
    close_autocorr_1_30: NaN,
    close_hurst_100: NaN,
    close_ljung_p_5_100: NaN,
    close_ou_halflife_100: NaN,
    close_roll_spread_20: NaN,
    close_ret_zscore_20: NaN,
    close_candle_body_ratio: NaN,
    close_ma_cross_signal_5_20: 0,
    close_sma_20: 100,
    close_ema_12: 100,
    close_macd_signal_9: 0,
    close_obv: 0,
    close_adl: 0,
    close_vwap: 100,
    close_hv_20: 0,
    close_var_5_50: 0,
    close_cvar_5_50: 0,
    close_amihud_20: 0,
    close_aroon_up_14: 100 / 14,
    close_aroon_down_14: 100 / 14,
    close_aroon_osc_14: 0,
  }
  for (const [name, value] of Object.entries(expected)) t.ok(near(values.get(`${name}_1H`)!, value, 1e-12), `${name} is ${value}`)
  t.ok(near(values.get('close_entropy_20_1H')!, -1.00000008269e-10, 1e-9), 'all closes in one bin')
  t.end()
})

t.test('scores of constant prices are rounding: only the order of the sums says which', (t) => {
  const scores = new Set<string>()
  for (const price of [100, 100.1, 30123.45, 0.1, 0.7, 1.3, 7.77, 1e-5, 12.34, 99.99, 65432.1, 0.3, 1.1]) {
    const values = compute(flat(barsOf(closes(() => price))), 0)
    const score = values.get('close_zscore_20_1H')!
    scores.add(Math.abs(score).toFixed(3))
    t.ok(Number.isNaN(score) || near((Math.abs(score) / Math.sqrt(0.95)) % 0.5, 0, 0, 1e-9), `z-score of ${price} is ${score}`)
    t.match(String(values.get('close_bb_percent_20_2_1H')), /^0(\.\d+)?$/)
    t.ok(
      [0, NaN].some((value) => Object.is(values.get('close_cci_20_1H')! + 0, value)),
      'CCI is 0 or missing',
    )
    const entropy = values.get('close_spectral_entropy_50_1H')!
    t.ok(Number.isNaN(entropy) || near(entropy, -3.07e-13, 1e-2), `spectral entropy of ${price}`)
  }
  t.ok(scores.size > 1, [...scores].join())
  t.end()
})

t.test('without any volume', (t) => {
  const values = compute(frames['no volume']!, 6)
  for (const name of [
    'close_volume_ratio',
    'high_volume_ratio',
    'close_vwap',
    'close_over_vwap',
    'close_log_ratio_vwap',
    'volume_roc_10',
  ]) {
    t.ok(Number.isNaN(values.get(`${name}_1H`)), `${name} is missing`)
  }
  for (const name of [
    'close_obv_over_dollar_vol_20',
    'close_adl_over_dollar_vol_20',
    'volume_rvol_20',
    'close_amihud_20',
    'turnover_z_20',
  ]) {
    t.ok(Number.isNaN(values.get(`${name}_4H`)), `${name} is missing`)
  }
  t.equal(values.get('close_mfi_14_1D'), 100)
  t.equal(values.get('close_obv_1H'), 0)
  t.end()
})

t.test('prices that only rise', (t) => {
  const values = compute(frames['up by 1']!, 6)
  t.equal(values.get('close_rsi_14_1H'), 100)
  t.equal(values.get('close_perm_entropy_3_50_1H'), -Infinity)
  t.equal(values.get('close_aroon_up_14_1H'), 100)
  t.equal(values.get('close_di_minus_14_1H'), 0)
  t.end()
})

function compute(bars: readonly Bar[], bufferBars: number): Map<string, number> {
  const out = new Float64Array(catalogue.names.length)
  catalogue.compile(catalogue.names, { baseBars: 720, bufferBars }).compute(frameOf(bars, startMs), nBars - 1, out)
  return new Map(catalogue.names.map((name, i) => [name, out[i]!]))
}
