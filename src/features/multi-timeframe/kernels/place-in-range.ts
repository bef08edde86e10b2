import type { Kernel } from '../kernel.js'
import { slot } from '../table/table.js'

const { close_rolling_min_20, close_rolling_max_20, close_position_in_range_20 } = slot
const { close_donchian_pos_20, close_donchian_upper_dist_20, close_donchian_lower_dist_20 } = slot
const { close_aroon_up_14, close_aroon_down_14, close_aroon_osc_14 } = slot

export const closeRange: Kernel = {
  writes: { close_rolling_min_20, close_rolling_max_20, close_position_in_range_20 },
  run({ nBars, close, values }) {
    const c = close[nBars - 1]!
    let bottom = c
    let top = c
    for (let i = nBars - 20; i < nBars; i++) {
      if (close[i]! < bottom) bottom = close[i]!
      if (close[i]! > top) top = close[i]!
    }
    values[close_rolling_min_20] = bottom
    values[close_rolling_max_20] = top
    values[close_position_in_range_20] = top === bottom ? 0.5 : (c - bottom) / (top - bottom)
  },
}

export const donchian: Kernel = {
  writes: { close_donchian_pos_20, close_donchian_upper_dist_20, close_donchian_lower_dist_20 },
  run({ nBars, high, low, close, values }) {
    let top = high[nBars - 1]!
    let bottom = low[nBars - 1]!
    for (let i = nBars - 20; i < nBars; i++) {
      if (high[i]! > top) top = high[i]!
      if (low[i]! < bottom) bottom = low[i]!
    }
    const c = close[nBars - 1]!
    const range = top - bottom
    values[close_donchian_pos_20] = range === 0 ? 0.5 : (c - bottom) / range
    values[close_donchian_upper_dist_20] = range === 0 ? 0 : (top - c) / range
    values[close_donchian_lower_dist_20] = range === 0 ? 0 : (c - bottom) / range
  },
}

/** Over 14 rows; the oldest of equal extremes counts. */
export const aroon: Kernel = {
  writes: { close_aroon_up_14, close_aroon_down_14, close_aroon_osc_14 },
  run({ nBars, high, low, values }) {
    const from = nBars - 14
    let highest = from
    let lowest = from
    for (let i = from + 1; i < nBars; i++) {
      if (high[i]! > high[highest]!) highest = i
      if (low[i]! < low[lowest]!) lowest = i
    }
    const up = (100 * (14 - (13 - (highest - from)))) / 14
    const down = (100 * (14 - (13 - (lowest - from)))) / 14
    values[close_aroon_up_14] = up
    values[close_aroon_down_14] = down
    values[close_aroon_osc_14] = up - down
  },
}
