import type { Kernel } from '../kernel.js'
import { nLogReturns } from '../lookback.js'
import { pairSum } from '../numeric/pair-sum.js'
import { quantile } from '../numeric/quantile.js'
import { sequentialVariance } from '../numeric/sequential-variance.js'
import { smallest } from '../numeric/smallest.js'
import { slot } from '../table/table.js'

const { close_cum_return_5, close_cum_return_10, close_cum_return_20, close_hv_20, close_ret_zscore_20 } = slot
const { close_vol_ratio_5_50, close_hurst_100, close_var_5_50, close_cvar_5_50 } = slot

export const cumulativeReturn5: Kernel = {
  writes: { close_cum_return_5 },
  logReturns: 5,
  run({ logReturns, values }) {
    pairSum(logReturns, nLogReturns - 5, 5, values, close_cum_return_5)
  },
}

export const cumulativeReturn10: Kernel = {
  writes: { close_cum_return_10 },
  logReturns: 10,
  run({ logReturns, values }) {
    pairSum(logReturns, nLogReturns - 10, 10, values, close_cum_return_10)
  },
}

/** What the last 20 returns tell together. */
export const returns20: Kernel = {
  writes: { close_cum_return_20, close_hv_20, close_ret_zscore_20 },
  logReturns: 20,
  run({ logReturns, values, work }) {
    pairSum(logReturns, nLogReturns - 20, 20, work, 0)
    sequentialVariance(logReturns, nLogReturns - 20, 20, work, 1)
    const sum = work[0]!
    const deviation = Math.sqrt(work[1]!)
    values[close_cum_return_20] = sum
    values[close_hv_20] = deviation * yearly
    values[close_ret_zscore_20] = deviation === 0 ? Number.NaN : (logReturns[nLogReturns - 1]! - sum / 20) / deviation
  },
}

const yearly = Math.sqrt(365)

export const volatilityRatio: Kernel = {
  writes: { close_vol_ratio_5_50 },
  logReturns: 50,
  run({ logReturns, values, work }) {
    sequentialVariance(logReturns, nLogReturns - 5, 5, work, 0)
    sequentialVariance(logReturns, nLogReturns - 50, 50, work, 1)
    const long = Math.sqrt(work[1]!)
    values[close_vol_ratio_5_50] = long === 0 ? Number.NaN : Math.sqrt(work[0]!) / long
  },
}

/** The pipeline's slope of a constant: 0, unless there was no move at all. */
export const hurst: Kernel = {
  writes: { close_hurst_100 },
  logReturns: 100,
  run({ nBars, logReturns, values }) {
    let exponent = Number.NaN
    for (let i = nLogReturns - Math.min(nLogReturns, nBars - 1); i < nLogReturns; i++) if (logReturns[i] !== 0) exponent = 0
    values[close_hurst_100] = exponent
  },
}

/** Worst returns of the last 50: the 5 % quantile, and the mean of what lies at or below it. */
export const worstReturns: Kernel = {
  writes: { close_var_5_50, close_cvar_5_50 },
  logReturns: 50,
  run({ logReturns, values, scratch, work }) {
    // The quantile lies between the third and the fourth smallest.
    smallest(logReturns, nLogReturns - 50, 50, 4, scratch)
    quantile(scratch, 50, 0.05, values, close_var_5_50)
    const limit = values[close_var_5_50]!
    let n = 0
    for (let i = nLogReturns - 50; i < nLogReturns; i++) if (logReturns[i]! <= limit) scratch[n++] = logReturns[i]!
    pairSum(scratch, 0, n, work, 0)
    values[close_cvar_5_50] = work[0]! / n
  },
}
