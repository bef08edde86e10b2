import type { Kernel } from '../kernel.js'
import { pairSum } from '../numeric/pair-sum.js'
import { rollingMean } from '../numeric/rolling-sum.js'
import { slot } from '../table/table.js'

const { close_sma_20, close_ma_cross_diff_5_20, close_ma_cross_ratio_5_20, close_ma_cross_signal_5_20 } = slot
const { close_ma_distance_sma20, close_ma_distance_pct_sma20, close_wma_20, volume_sma_20, volume_rvol_20 } = slot

export const closeAverage: Kernel = {
  writes: { close_sma_20, close_ma_distance_sma20, close_ma_distance_pct_sma20 },
  run({ nBars, close, values }) {
    rollingMean(close, nBars, 20, values, close_sma_20)
    const average = values[close_sma_20]!
    const distance = close[nBars - 1]! - average
    values[close_ma_distance_sma20] = average === 0 ? Number.NaN : distance
    values[close_ma_distance_pct_sma20] = average === 0 ? Number.NaN : (distance / average) * 100
  },
}

export const averageCross: Kernel = {
  writes: { close_ma_cross_diff_5_20, close_ma_cross_ratio_5_20, close_ma_cross_signal_5_20 },
  needs: [closeAverage],
  run({ nBars, close, values, work }) {
    rollingMean(close, nBars, 5, work, 0)
    const fast = work[0]!
    const slow = values[close_sma_20]!
    values[close_ma_cross_diff_5_20] = fast - slow
    values[close_ma_cross_ratio_5_20] = slow === 0 ? Number.NaN : fast / slow
    values[close_ma_cross_signal_5_20] = fast > slow ? 1 : 0
  },
}

export const weightedAverage: Kernel = {
  writes: { close_wma_20 },
  run({ nBars, close, values, scratch, work }) {
    for (let k = 1; k <= 20; k++) scratch[k - 1] = k * close[nBars - 21 + k]!
    pairSum(scratch, 0, 20, work, 0)
    values[close_wma_20] = work[0]! / 210
  },
}

export const volumeAverage: Kernel = {
  writes: { volume_sma_20 },
  run({ nBars, volume, values }) {
    rollingMean(volume, nBars, 20, values, volume_sma_20)
  },
}

export const relativeVolume: Kernel = {
  writes: { volume_rvol_20 },
  run({ nBars, volume, values, work }) {
    pairSum(volume, nBars - 20, 20, work, 0)
    const mean = work[0]! / 20
    values[volume_rvol_20] = mean === 0 ? Number.NaN : volume[nBars - 1]! / mean
  },
}
