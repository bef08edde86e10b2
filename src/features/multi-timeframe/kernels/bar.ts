import type { Kernel } from '../kernel.js'
import { slot } from '../table/table.js'

const { close_open_diff_current, high_low_range_current, log_close, close_volume_ratio, high_volume_ratio } = slot
const { close_candle_body_ratio, close_candle_upper_shadow_ratio, close_candle_lower_shadow_ratio } = slot
const { close_typical_price, close_ohlc_average, close_change_current, close_pct_change_current } = slot
const { close_roc_10, volume_roc_10 } = slot

/** What the target bar alone tells. */
export const bar: Kernel = {
  writes: {
    close_open_diff_current,
    high_low_range_current,
    log_close,
    close_volume_ratio,
    high_volume_ratio,
    close_candle_body_ratio,
    close_candle_upper_shadow_ratio,
    close_candle_lower_shadow_ratio,
    close_typical_price,
    close_ohlc_average,
  },
  run({ nBars, open, high, low, close, volume, values }) {
    const t = nBars - 1
    const o = open[t]!
    const h = high[t]!
    const l = low[t]!
    const c = close[t]!
    const v = volume[t]!
    const range = h - l
    values[close_open_diff_current] = c - o
    values[high_low_range_current] = range
    values[log_close] = c > 0 ? Math.log(c) : Number.NaN
    values[close_volume_ratio] = v === 0 ? Number.NaN : c / v
    values[high_volume_ratio] = v === 0 ? Number.NaN : h / v
    values[close_candle_body_ratio] = range === 0 ? Number.NaN : Math.abs(c - o) / range
    values[close_candle_upper_shadow_ratio] = range === 0 ? Number.NaN : (h - Math.max(o, c)) / range
    values[close_candle_lower_shadow_ratio] = range === 0 ? Number.NaN : (Math.min(o, c) - l) / range
    values[close_typical_price] = (h + l + c) / 3
    values[close_ohlc_average] = (o + h + l + c) / 4
  },
}

export const change: Kernel = {
  writes: { close_change_current, close_pct_change_current },
  run({ nBars, close, values }) {
    const before = close[nBars - 2]!
    const difference = close[nBars - 1]! - before
    values[close_change_current] = difference
    values[close_pct_change_current] = before === 0 ? Number.NaN : (difference / before) * 100
  },
}

export const rateOfChange: Kernel = {
  writes: { close_roc_10, volume_roc_10 },
  run({ nBars, close, volume, values }) {
    const c = close[nBars - 11]!
    const v = volume[nBars - 11]!
    values[close_roc_10] = c === 0 ? Number.NaN : ((close[nBars - 1]! - c) / c) * 100
    values[volume_roc_10] = v === 0 ? Number.NaN : ((volume[nBars - 1]! - v) / v) * 100
  },
}
