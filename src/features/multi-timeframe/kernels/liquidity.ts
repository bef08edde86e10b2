import type { Kernel } from '../kernel.js'
import { nLogReturns } from '../lookback.js'
import { chiSquareTail5 } from '../numeric/chi-square-tail-5.js'
import { pairSum } from '../numeric/pair-sum.js'
import { slot } from '../table/table.js'

const { close_roll_spread_20, close_amihud_20, close_ljung_p_5_100, close_ou_halflife_100 } = slot

/** Roll's spread from the covariance of neighbouring price changes. */
export const rollSpread: Kernel = {
  writes: { close_roll_spread_20 },
  run({ nBars, close, values, scratch, work }) {
    for (let j = 0, i = nBars - 20; j < 20; j++, i++) scratch[j] = close[i]! - close[i - 1]!
    pairSum(scratch, 1, 19, work, 0)
    pairSum(scratch, 0, 19, work, 1)
    const mean = work[0]! / 19
    const meanBefore = work[1]! / 19
    for (let j = 0; j < 19; j++) scratch[j] = (scratch[j + 1]! - mean) * (scratch[j]! - meanBefore)
    pairSum(scratch, 0, 19, work, 0)
    const covariance = work[0]! * (1 / 18)
    values[close_roll_spread_20] = covariance < 0 ? 2 * Math.sqrt(-covariance) : Number.NaN
  },
}

export const amihud: Kernel = {
  writes: { close_amihud_20 },
  logReturns: 20,
  run({ nBars, close, volume, logReturns, values, scratch, work }) {
    let n = 0
    for (let i = nBars - 20, j = nLogReturns - 20; i < nBars; i++, j++) {
      const turnover = close[i]! * volume[i]!
      if (turnover !== 0) scratch[n++] = Math.abs(logReturns[j]!) / turnover
    }
    pairSum(scratch, 0, n, work, 0)
    values[close_amihud_20] = n === 0 ? Number.NaN : work[0]! / n
  },
}

const lags = 5

/** Ljung–Box of squares that meet themselves, as the pipeline has it: lag k drops k items at each end. */
export const ljungBox: Kernel = {
  writes: { close_ljung_p_5_100 },
  logReturns: 100,
  run({ logReturns, values, scratch, work }) {
    const n = nLogReturns
    pairSum(logReturns, 0, n, work, 0)
    const mean = work[0]! / n
    for (let i = 0; i < n; i++) {
      const d = logReturns[i]! - mean
      scratch[i] = d * d
    }
    pairSum(scratch, 0, n, work, 0)
    const total = work[0]!
    if (total === 0) {
      values[close_ljung_p_5_100] = Number.NaN
      return
    }
    let sum = 0
    for (let k = 1; k <= lags; k++) {
      scratch[k - 1] = 0
      scratch[n - k] = 0
      pairSum(scratch, 0, n, work, 0)
      const share = work[0]! / total
      sum += (share * share) / (n - k)
    }
    work[0] = n * (n + 2) * sum
    chiSquareTail5(work, 0)
    values[close_ljung_p_5_100] = work[0]!
  },
}

const steps = 100

/** Half-life of mean reversion: regression of each step on the price before it. */
export const halfLife: Kernel = {
  writes: { close_ou_halflife_100 },
  run({ nBars, close, values, scratch, scratch2, work }) {
    const from = nBars - 1 - steps
    pairSum(close, from, steps, work, 0)
    const mean = work[0]! / steps
    for (let j = 0, i = from; j < steps; j++, i++) {
      const d = close[i]! - mean
      scratch[j] = d * (close[i + 1]! - close[i]!)
      scratch2[j] = d * d
    }
    pairSum(scratch, 0, steps, work, 0)
    pairSum(scratch2, 0, steps, work, 1)
    const slope = work[0]! / work[1]!
    values[close_ou_halflife_100] = slope < 0 ? -Math.LN2 / slope : Number.NaN
  },
}
