import type { Kernel } from '../kernel.js'
import { pairSum } from '../numeric/pair-sum.js'
import { nLogReturns } from '../lookback.js'
import { slot } from '../table/table.js'
import { exponentialAverages } from './exponential-averages.js'
import { closeAverage } from './simple-averages.js'
import { trueRange } from './series.js'

const { close_atr_14, close_dist_ema12_atr, close_macd_line_12_26_over_atr14, close_macd_histogram_12_26_9_over_atr14 } = slot
const { close_dist_sma20_atr, close_vol_adj_return_atr14, close_ema_12, close_macd_line_12_26, close_macd_histogram_12_26_9 } = slot
const { close_sma_20 } = slot

/** The plain mean of 14 true ranges, not Wilder's. */
export const averageTrueRange: Kernel = {
  writes: { close_atr_14 },
  needs: [trueRange],
  run({ nBars, trueRange, values, work }) {
    pairSum(trueRange, nBars - 14, 14, work, 0)
    values[close_atr_14] = work[0]! / 14
  },
}

export const exponentialPerRange: Kernel = {
  writes: { close_dist_ema12_atr, close_macd_line_12_26_over_atr14, close_macd_histogram_12_26_9_over_atr14 },
  needs: [averageTrueRange, exponentialAverages],
  run({ nBars, close, values }) {
    const range = values[close_atr_14]!
    const usable = range > 0
    values[close_dist_ema12_atr] = usable ? (close[nBars - 1]! - values[close_ema_12]!) / range : Number.NaN
    values[close_macd_line_12_26_over_atr14] = usable ? values[close_macd_line_12_26]! / range : Number.NaN
    values[close_macd_histogram_12_26_9_over_atr14] = usable ? values[close_macd_histogram_12_26_9]! / range : Number.NaN
  },
}

export const averagePerRange: Kernel = {
  writes: { close_dist_sma20_atr },
  needs: [averageTrueRange, closeAverage],
  run({ nBars, close, values }) {
    const range = values[close_atr_14]!
    values[close_dist_sma20_atr] = range > 0 ? (close[nBars - 1]! - values[close_sma_20]!) / range : Number.NaN
  },
}

export const returnPerRange: Kernel = {
  writes: { close_vol_adj_return_atr14 },
  needs: [averageTrueRange],
  logReturns: 1,
  run({ logReturns, values }) {
    const range = values[close_atr_14]!
    values[close_vol_adj_return_atr14] = range > 0 ? logReturns[nLogReturns - 1]! / Math.sqrt(range) : Number.NaN
  },
}
