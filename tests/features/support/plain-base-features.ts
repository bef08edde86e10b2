import {
  chiSquareTail5,
  covariance,
  deviation,
  ewmSpan,
  magnitudes,
  mean,
  pair,
  quantile,
  rollMean,
  rollSum,
  variance,
  wilder14,
} from './plain-primitives.js'
import type { Row } from './plain-rows.js'

/**
 * The 110 base features of one lookback, each from its definition, in order. One long function on purpose: it reads like the table of
 * definitions and shares nothing with the code under test.
 */
export function plainBaseFeatures(rows: readonly Row[]): [string, number][] {
  const all: [string, number][] = []
  const n = rows.length
  const put = (name: string, minBars: number, value: () => number) => {
    all.push([name, n < minBars ? NaN : value()])
  }
  const [O, H, L, C, V] = (['o', 'h', 'l', 'c', 'v'] as const).map((key) => rows.map((row) => row[key])) as [
    number[],
    number[],
    number[],
    number[],
    number[],
  ]
  const t = n - 1
  const { label, o, h, l, c, v } = rows[t]!
  const last = <T>(x: readonly T[], k: number): T[] => x.slice(-k)
  const at = (x: readonly number[], back = 0) => x[t - back]!
  const over = (a: number, b: number) => (b === 0 ? NaN : a / b)
  const LR = C.slice(1).map((x, i) => Math.log(x / C[i]!))
  const PR = C.slice(1).map((x, i) => x / C[i]! - 1)
  const TP = rows.map((row) => (row.h + row.l + row.c) / 3)
  const TR = rows.map((row, i) =>
    i === 0 ? row.h - row.l : Math.max(row.h - row.l, Math.abs(row.h - C[i - 1]!), Math.abs(row.l - C[i - 1]!)),
  )
  const atr = n < 15 ? NaN : mean(last(TR, 14))
  const perAtr = (x: number) => (atr > 0 ? x / atr : NaN)
  const sma = rollMean(C, 20)
  const fast = rollMean(C, 5)
  const ema12 = ewmSpan(C, 12)
  const macd = ewmSpan(C, 26).map((slow, i) => ema12[i]! - slow)
  const ema = ema12[t]!
  const signal = ewmSpan(macd, 9)[t]!
  const turnover = last(
    C.map((x, i) => x * V[i]!),
    20,
  )

  put('close_open_diff_current', 1, () => c - o)
  put('high_low_range_current', 1, () => h - l)
  put('close_change_current', 2, () => c - at(C, 1))
  put('log_close', 1, () => Math.log(c))
  put('close_pct_change_current', 2, () => ((c - at(C, 1)) / at(C, 1)) * 100)
  for (const w of [5, 10, 20]) put(`close_cum_return_${w}`, w + 1, () => pair(last(LR, w)))
  put('close_zscore_20', 20, () => over(c - mean(last(C, 20)), deviation(last(C, 20))))
  put('close_sma_20', 20, () => sma)
  put('close_ema_12', 12, () => ema)
  put('close_wma_20', 20, () => pair(last(C, 20).map((x, i) => (i + 1) * x)) / 210)
  put('close_ma_cross_diff_5_20', 20, () => fast - sma)
  put('close_ma_cross_ratio_5_20', 20, () => over(fast, sma))
  put('close_ma_cross_signal_5_20', 20, () => (fast > sma ? 1 : 0))
  put('close_over_ema_12', 12, () => over(c, ema))
  put('close_log_ratio_ema_12', 12, () => Math.log(over(c, ema)))
  put('close_dist_ema12_atr', 15, () => perAtr(c - ema))
  put('close_ma_distance_sma20', 20, () => c - sma)
  put('close_ma_distance_pct_sma20', 20, () => over(c - sma, sma) * 100)
  put('close_macd_line_12_26', 26, () => macd[t]!)
  put('close_macd_signal_9', 26, () => signal)
  put('close_macd_histogram_12_26_9', 26, () => macd[t]! - signal)
  put('close_macd_line_12_26_over_close', 26, () => macd[t]! / c)
  put('close_macd_histogram_12_26_9_over_close', 26, () => (macd[t]! - signal) / c)
  put('close_macd_line_12_26_over_atr14', 26, () => perAtr(macd[t]!))
  put('close_macd_histogram_12_26_9_over_atr14', 26, () => perAtr(macd[t]! - signal))
  put('volume_sma_20', 20, () => rollMean(V, 20))

  const steps = C.map((x, i) => (i === 0 ? 0 : x - C[i - 1]!))
  put('close_rsi_14', 15, () => {
    const rises = wilder14(steps.map((d) => (d > 0 ? d : 0)))[t]!
    const falls = wilder14(steps.map((d) => (d < 0 ? -d : 0)))[t]!
    return falls === 0 ? 100 : 100 - 100 / (1 + rises / falls)
  })
  const stochastic = (back: number) => {
    const hh = Math.max(...H.slice(n - 14 - back, n - back))
    const ll = Math.min(...L.slice(n - 14 - back, n - back))
    return hh === ll ? 50 : (100 * (at(C, back) - ll)) / (hh - ll)
  }
  put('close_stoch_k_14', 14, () => stochastic(0))
  put('close_stoch_d_14_3', 16, () => mean([stochastic(0), stochastic(1), stochastic(2)]))
  put('close_cci_20', 20, () => {
    const m = mean(last(TP, 20))
    const d = mean(last(TP, 20).map((x) => Math.abs(x - m)))
    return d === 0 ? NaN : (at(TP) - rollMean(TP, 20)) / (0.015 * d)
  })
  put('close_roc_10', 11, () => ((c - at(C, 10)) / at(C, 10)) * 100)
  put('close_williams_r_14', 14, () => {
    const hh = Math.max(...last(H, 14))
    const ll = Math.min(...last(L, 14))
    return hh === ll ? -50 : (-100 * (hh - c)) / (hh - ll)
  })
  put('close_uo_7_14_28', 29, () => {
    const bp = rows.map((row, i) => (i === 0 ? NaN : row.c - Math.min(row.l, C[i - 1]!)))
    const tr = rows.map((row, i) => (i === 0 ? NaN : Math.max(row.h, C[i - 1]!) - Math.min(row.l, C[i - 1]!)))
    const average = (p: number) => rollSum(bp, p) / rollSum(tr, p)
    return (100 * (4 * average(7) + 2 * average(14) + 1 * average(28))) / 7
  })
  put('close_mfi_14', 15, () => {
    const flow = (sign: number) => TP.map((x, i) => (i > 0 && Math.sign(x - TP[i - 1]!) === sign ? x * V[i]! : 0))
    const negative = rollSum(flow(-1), 14)
    return negative === 0 ? 100 : 100 - 100 / (1 + rollSum(flow(1), 14) / negative)
  })

  put('close_hv_20', 21, () => deviation(last(LR, 20)) * Math.sqrt(365))
  put('close_atr_14', 15, () => atr)
  const m20 = mean(last(C, 20))
  const s20 = deviation(last(C, 20))
  const [upper, lower] = [m20 + 2 * s20, m20 - 2 * s20]
  put('close_bb_upper_20_2', 20, () => upper)
  put('close_bb_middle_20', 20, () => m20)
  put('close_bb_lower_20_2', 20, () => lower)
  put('close_bb_width_20_2', 20, () => upper - lower)
  put('close_bb_percent_20_2', 20, () => (upper - lower === 0 ? 0.5 : (c - lower) / (upper - lower)))
  put('close_bb_width_pct_20_2', 20, () => (upper - lower) / m20)
  put('close_vol_ratio_5_50', 51, () => over(deviation(last(LR, 5)), deviation(last(LR, 50))))
  const logRatio = (a: readonly number[], b: readonly number[]) => last(a, 20).map((x, i) => Math.log(x / last(b, 20)[i]!))
  const body = logRatio(C, O)
  const range = logRatio(H, L)
  put('close_parkinson_20', 20, () => Math.sqrt((1 / (4 * Math.LN2)) * mean(range.map((x) => x * x))))
  put('close_gk_20', 20, () => Math.sqrt(mean(range.map((x, i) => 0.5 * (x * x) - (2 * Math.LN2 - 1) * (body[i]! * body[i]!)))))

  let obv = 0
  for (let i = 1; i < n; i++) obv += C[i]! > C[i - 1]! ? V[i]! : C[i]! < C[i - 1]! ? -V[i]! : 0
  put('close_obv', 2, () => obv)
  put('close_obv_over_dollar_vol_20', 20, () => over(obv, pair(turnover)))
  const vwap = over(pair(TP.map((x, i) => x * V[i]!)), pair(V))
  put('close_vwap', 1, () => vwap)
  put('close_over_vwap', 1, () => over(c, vwap))
  put('close_log_ratio_vwap', 1, () => Math.log(over(c, vwap)))
  let sum = 0
  const adl = rows.map((row) => (sum += row.h === row.l ? 0 : ((row.c - row.l - (row.h - row.c)) / (row.h - row.l)) * row.v))
  put('close_adl', 1, () => adl[t]!)
  put('close_adl_over_dollar_vol_20', 20, () => over(adl[t]!, pair(turnover)))
  put('close_chaikin_3_10', 10, () => ewmSpan(adl, 3)[t]! - ewmSpan(adl, 10)[t]!)
  put('volume_roc_10', 11, () => over(v - at(V, 10), at(V, 10)) * 100)

  for (const q of [25, 50, 75]) put(`close_percentile_${q}_20`, 20, () => quantile(last(C, 20), q / 100))
  const moment = (k: number) => {
    const r = last(PR, 30)
    const m = mean(r)
    const d = r.map((x) => x - m)
    const second = mean(d.map((x) => x * x))
    if (second <= (1e-15 * m) ** 2) return NaN
    return k === 3 ? mean(d.map((x) => x * x * x)) / second ** 1.5 : mean(d.map((x) => x * x * (x * x))) / second ** 2 - 3
  }
  put('close_skew_30', 31, () => moment(3))
  put('close_kurt_30', 31, () => moment(4))
  put('close_autocorr_1_30', 32, () => {
    const [x, y] = [last(PR, 30), PR.slice(-31, -1)]
    const r = covariance(x, y) / Math.sqrt(covariance(x, x)) / Math.sqrt(covariance(y, y))
    return Math.min(1, Math.max(-1, r))
  })
  put('close_hurst_100', 100, () => (last(LR, 100).every((r) => r === 0) ? NaN : 0))
  put('close_entropy_20', 20, () => {
    let a = Math.min(...last(C, 20))
    let b = Math.max(...last(C, 20))
    if (a === b) [a, b] = [a - 0.5, b + 0.5]
    const edges = Array.from({ length: 11 }, (_, i) => (i === 10 ? b : i * ((b - a) / 10) + a))
    const counts = new Array<number>(10).fill(0)
    for (const x of last(C, 20)) {
      let k = Math.trunc((x - a) * (10 / (b - a)))
      if (k === 10) k = 9
      if (x < edges[k]!) k--
      else if (x >= edges[k + 1]! && k !== 9) k++
      counts[k]!++
    }
    return -pair(counts.map((count) => (count / 20) * Math.log(count / 20 + 1e-10)))
  })

  put('close_volume_ratio', 1, () => over(c, v))
  put('high_volume_ratio', 1, () => over(h, v))
  put('close_candle_body_ratio', 1, () => over(Math.abs(c - o), h - l))
  put('close_candle_upper_shadow_ratio', 1, () => over(h - Math.max(o, c), h - l))
  put('close_candle_lower_shadow_ratio', 1, () => over(Math.min(o, c) - l, h - l))
  put('close_typical_price', 1, () => at(TP))
  put('close_ohlc_average', 1, () => (o + h + l + c) / 4)
  put('close_vol_adj_return_atr14', 15, () => (atr > 0 ? LR.at(-1)! / Math.sqrt(atr) : NaN))
  const date = new Date(label)
  const time = { hour: date.getUTCHours(), dow: (date.getUTCDay() + 6) % 7, day: date.getUTCDate(), month: date.getUTCMonth() + 1 }
  put('time_hour_of_day', 1, () => time.hour)
  put('time_day_of_week', 1, () => time.dow)
  put('time_day_of_month', 1, () => time.day)
  put('time_month_of_year', 1, () => time.month)
  for (const [name, value, period] of [
    ['hour', time.hour, 24],
    ['dow', time.dow, 7],
    ['month', time.month, 12],
  ] as const) {
    put(`time_${name}_sin`, 1, () => Math.sin((2 * Math.PI * value) / period))
    put(`time_${name}_cos`, 1, () => Math.cos((2 * Math.PI * value) / period))
  }
  const place = (low: number, high: number, x: number, flat: number) => (low === high ? flat : x / (high - low))
  const [minC, maxC] = [Math.min(...last(C, 20)), Math.max(...last(C, 20))]
  put('close_rolling_min_20', 20, () => minC)
  put('close_rolling_max_20', 20, () => maxC)
  put('close_position_in_range_20', 20, () => place(minC, maxC, c - minC, 0.5))

  const centred = last(C, 50).map((x) => x - mean(last(C, 50)))
  const spectrum = n < 50 ? [] : magnitudes(centred)
  const inner = spectrum.slice(1, 25)
  const strongest = inner.findIndex((x) => x >= (1 - 1e-12) * Math.max(...inner))
  put('close_dominant_cycle_length_50', 50, () => 50 / (strongest + 1))
  put('close_cycle_strength_50', 50, () => over(inner[strongest]!, pair(inner)))
  const up = H.map((x, i) => (i === 0 ? 0 : x - H[i - 1]!))
  const down = L.map((x, i) => (i === 0 ? 0 : L[i - 1]! - x))
  const range14 = wilder14(TR)
  const directions = [up.map((x, i) => (x > down[i]! && x > 0 ? x : 0)), down.map((x, i) => (x > up[i]! && x > 0 ? x : 0))].map((moves) =>
    wilder14(moves).map((x, i) => (range14[i] === 0 ? NaN : 100 * (x / range14[i]!))),
  ) as [number[], number[]]
  const dx = directions[0].map((p, i) => (100 * Math.abs(p - directions[1][i]!)) / (p + directions[1][i]!))
  put('close_adx_14', 27, () => wilder14(dx.map((x) => (Number.isFinite(x) ? x : NaN)))[t]!)
  put('close_di_plus_14', 15, () => directions[0][t]!)
  put('close_di_minus_14', 15, () => directions[1][t]!)
  const q = last(rows, 20).map(
    (row) => Math.log(row.h / row.c) * Math.log(row.h / row.o) + Math.log(row.l / row.c) * Math.log(row.l / row.o),
  )
  put('close_rs_20', 20, () => Math.sqrt(mean(q)))
  put('close_yz_20', 21, () => {
    const overnight = Array.from({ length: 20 }, (_, j) => Math.log(O[n - 20 + j]! / C[n - 21 + j]!))
    const k = 0.34 / (1.34 + 21 / 19)
    return Math.sqrt(variance(overnight) + k * variance(body) + (1 - k) * mean(q))
  })
  put('volume_rvol_20', 20, () => over(v, mean(last(V, 20))))
  const [hh, ll] = [Math.max(...last(H, 20)), Math.min(...last(L, 20))]
  put('close_donchian_pos_20', 20, () => place(ll, hh, c - ll, 0.5))
  put('close_donchian_upper_dist_20', 20, () => place(ll, hh, hh - c, 0))
  put('close_donchian_lower_dist_20', 20, () => place(ll, hh, c - ll, 0))
  const aroon = (x: readonly number[], extreme: number) => (100 * (14 - (13 - last(x, 14).indexOf(extreme)))) / 14
  const [aroonUp, aroonDown] = [aroon(H, Math.max(...last(H, 14))), aroon(L, Math.min(...last(L, 14)))]
  put('close_aroon_up_14', 14, () => aroonUp)
  put('close_aroon_down_14', 14, () => aroonDown)
  put('close_aroon_osc_14', 14, () => aroonUp - aroonDown)
  put('close_ret_zscore_20', 21, () => over(LR.at(-1)! - mean(last(LR, 20)), deviation(last(LR, 20))))
  put('close_dist_sma20_atr', 20, () => perAtr(c - sma))

  put('close_roll_spread_20', 21, () => {
    const d = last(steps, 20)
    const cov = covariance(d.slice(1), d.slice(0, -1))
    return cov < 0 ? 2 * Math.sqrt(-cov) : NaN
  })
  put('close_amihud_20', 21, () => {
    const terms = turnover.flatMap((x, j) => (x === 0 ? [] : [Math.abs(last(LR, 20)[j]!) / x]))
    return terms.length === 0 ? NaN : mean(terms)
  })
  put('turnover_z_20', 20, () => over(turnover.at(-1)! - mean(turnover), deviation(turnover)))
  put('close_ljung_p_5_100', 101, () => {
    const r = last(LR, 100)
    const squares = r.map((x) => (x - mean(r)) * (x - mean(r)))
    if (pair(squares) === 0) return NaN
    const rho = (k: number) => pair(squares.map((x, i) => (i < k || i > 99 - k ? 0 : x))) / pair(squares)
    return chiSquareTail5(100 * 102 * [1, 2, 3, 4, 5].reduce((total, k) => total + rho(k) ** 2 / (100 - k), 0))
  })
  put('close_perm_entropy_3_50', 50, () => {
    const x = last(C, 50)
    const counts = new Map<string, number>()
    for (let i = 0; i < 48; i++) {
      const pattern = [0, 1, 2].sort((a, b) => x[i + a]! - x[i + b]!).join('')
      counts.set(pattern, (counts.get(pattern) ?? 0) + 1)
    }
    const p = [...counts.values()].map((count) => count / 48)
    return -pair(p.map((x) => x * Math.log(x + 1e-12))) / Math.log(p.length)
  })
  put('close_ou_halflife_100', 101, () => {
    const p = C.slice(-101, -1)
    const x = p.map((value) => value - mean(p))
    const beta = pair(x.map((value, i) => value * last(steps, 100)[i]!)) / pair(x.map((value) => value * value))
    return beta < 0 ? -Math.LN2 / beta : NaN
  })
  const tail = quantile(last(LR, 50), 0.05)
  put('close_var_5_50', 51, () => tail)
  put('close_cvar_5_50', 51, () => mean(last(LR, 50).filter((r) => r <= tail)))
  put('close_spectral_entropy_50', 50, () => {
    const power = spectrum.map((x) => x * x)
    if (pair(power) === 0) return NaN
    return -pair(power.map((x) => (x / pair(power)) * Math.log(x / pair(power) + 1e-12))) / Math.log(26)
  })
  return all
}
