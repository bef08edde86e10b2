import type { Kernel } from '../kernel.js'
import { pairSum } from '../numeric/pair-sum.js'
import { sequentialVariance } from '../numeric/sequential-variance.js'
import { slot } from '../table/table.js'

const { close_zscore_20, close_bb_upper_20_2, close_bb_middle_20, close_bb_lower_20_2 } = slot
const { close_bb_width_20_2, close_bb_percent_20_2, close_bb_width_pct_20_2 } = slot

/** Bollinger bands and z-score of the last 20 closes: pairwise mean, sequential deviation. */
export const bands: Kernel = {
  writes: {
    close_zscore_20,
    close_bb_upper_20_2,
    close_bb_middle_20,
    close_bb_lower_20_2,
    close_bb_width_20_2,
    close_bb_percent_20_2,
    close_bb_width_pct_20_2,
  },
  run({ nBars, close, values, work }) {
    pairSum(close, nBars - 20, 20, work, 0)
    sequentialVariance(close, nBars - 20, 20, work, 1)
    const mean = work[0]! / 20
    const deviation = Math.sqrt(work[1]!)
    const upper = mean + 2 * deviation
    const lower = mean - 2 * deviation
    const width = upper - lower
    const last = close[nBars - 1]!
    values[close_zscore_20] = deviation === 0 ? Number.NaN : (last - mean) / deviation
    values[close_bb_upper_20_2] = upper
    values[close_bb_middle_20] = mean
    values[close_bb_lower_20_2] = lower
    values[close_bb_width_20_2] = width
    values[close_bb_percent_20_2] = width === 0 ? 0.5 : (last - lower) / width
    values[close_bb_width_pct_20_2] = mean === 0 ? Number.NaN : width / mean
  },
}
