import type { Kernel } from '../kernel.js'
import { pairSum } from '../numeric/pair-sum.js'
import { quantile } from '../numeric/quantile.js'
import { smallest } from '../numeric/smallest.js'
import { slot } from '../table/table.js'

const { close_percentile_25_20, close_percentile_50_20, close_percentile_75_20, close_skew_30, close_kurt_30 } = slot
const { close_autocorr_1_30, close_entropy_20, close_perm_entropy_3_50 } = slot

export const percentiles: Kernel = {
  writes: { close_percentile_25_20, close_percentile_50_20, close_percentile_75_20 },
  run({ nBars, close, values, scratch }) {
    smallest(close, nBars - 20, 20, 20, scratch)
    quantile(scratch, 20, 0.25, values, close_percentile_25_20)
    quantile(scratch, 20, 0.5, values, close_percentile_50_20)
    quantile(scratch, 20, 0.75, values, close_percentile_75_20)
  },
}

/** Population skewness and excess kurtosis of simple returns (scipy's `skew` and `kurtosis`, with their test for constant data). */
export const moments: Kernel = {
  writes: { close_skew_30, close_kurt_30 },
  run({ nBars, close, values, scratch, work }) {
    for (let j = 0, i = nBars - 30; j < 30; j++, i++) scratch[j] = close[i]! / close[i - 1]! - 1
    pairSum(scratch, 0, 30, work, 0)
    const mean = work[0]! / 30
    // Deviations to 0…29, their squares behind them, cubes and fourth powers last.
    for (let j = 0; j < 30; j++) {
      const d = scratch[j]! - mean
      const square = d * d
      scratch[j] = square
      scratch[30 + j] = square * d
      scratch[60 + j] = square * square
    }
    pairSum(scratch, 0, 30, work, 0)
    pairSum(scratch, 30, 30, work, 1)
    pairSum(scratch, 60, 30, work, 2)
    const second = work[0]! / 30
    const constant = second <= (1e-15 * mean) ** 2
    values[close_skew_30] = constant ? Number.NaN : work[1]! / 30 / (second * Math.sqrt(second))
    values[close_kurt_30] = constant ? Number.NaN : work[2]! / 30 / (second * second) - 3
  },
}

/** Correlation of 30 neighbouring pairs of simple returns. */
export const autocorrelation: Kernel = {
  writes: { close_autocorr_1_30 },
  run({ nBars, close, values, scratch, scratch2, work }) {
    for (let j = 0, i = nBars - 31; j < 31; j++, i++) scratch[j] = close[i]! / close[i - 1]! - 1
    pairSum(scratch, 1, 30, work, 0)
    pairSum(scratch, 0, 30, work, 1)
    const mean = work[0]! / 30
    const meanBefore = work[1]! / 30
    for (let j = 0; j < 30; j++) {
      const d = scratch[j + 1]! - mean
      const before = scratch[j]! - meanBefore
      scratch2[j] = d * before
      scratch2[30 + j] = d * d
      scratch2[60 + j] = before * before
    }
    pairSum(scratch2, 0, 30, work, 0)
    pairSum(scratch2, 30, 30, work, 1)
    pairSum(scratch2, 60, 30, work, 2)
    const correlation = work[0]! / Math.sqrt(work[1]!) / Math.sqrt(work[2]!)
    values[close_autocorr_1_30] = correlation > 1 ? 1 : correlation < -1 ? -1 : correlation
  },
}

/** h·ln(h + 1e-10) of h = count/20. */
const histogramTerms = Float64Array.from({ length: 21 }, (_, count) => (count / 20) * Math.log(count / 20 + 1e-10))

/** Entropy of a histogram of ten bins, with numpy's rules for values on an edge. */
export const histogramEntropy: Kernel = {
  writes: { close_entropy_20 },
  run({ nBars, close, values, scratch, work }) {
    const from = nBars - 20
    let bottom = close[from]!
    let top = bottom
    for (let i = from + 1; i < nBars; i++) {
      const c = close[i]!
      if (c < bottom) bottom = c
      if (c > top) top = c
    }
    if (bottom === top) {
      bottom -= 0.5
      top += 0.5
    }
    const step = (top - bottom) / 10
    const perUnit = 10 / (top - bottom)
    scratch.fill(0, 0, 10)
    for (let i = from; i < nBars; i++) {
      const c = close[i]!
      let bin = Math.floor((c - bottom) * perUnit)
      if (bin > 9) bin = 9
      if (c < bin * step + bottom) bin--
      else if (bin !== 9 && c >= (bin + 1) * step + bottom) bin++
      scratch[bin] = scratch[bin]! + 1
    }
    for (let bin = 0; bin < 10; bin++) scratch[bin] = histogramTerms[scratch[bin]!]!
    pairSum(scratch, 0, 10, work, 0)
    values[close_entropy_20] = -work[0]!
  },
}

/** p·ln(p + 1e-12) of p = count/48. */
const patternTerms = Float64Array.from({ length: 49 }, (_, count) => (count / 48) * Math.log(count / 48 + 1e-12))

/** Entropy of the orders of three neighbours, per ln of the number of orders seen: −∞ when it is one. */
export const permutationEntropy: Kernel = {
  writes: { close_perm_entropy_3_50 },
  run({ nBars, close, values, scratch }) {
    scratch.fill(0, 0, 8)
    for (let i = nBars - 50; i < nBars - 2; i++) {
      const a = close[i]!
      const b = close[i + 1]!
      const c = close[i + 2]!
      const pattern = (a > b ? 4 : 0) + (a > c ? 2 : 0) + (b > c ? 1 : 0)
      scratch[pattern] = scratch[pattern]! + 1
    }
    let seen = 0
    let sum = 0
    for (let pattern = 0; pattern < 8; pattern++) {
      const count = scratch[pattern]!
      if (count === 0) continue
      seen++
      sum += patternTerms[count]!
    }
    values[close_perm_entropy_3_50] = -sum / Math.log(seen)
  },
}
