import type { Kernel } from '../kernel.js'
import { wilderWeights } from '../numeric/moving-average-decay.js'
import { pairSum } from '../numeric/pair-sum.js'
import { rollingMean, rollingSums } from '../numeric/rolling-sum.js'
import { slot } from '../table/table.js'
import { trueRange, typicalPrice } from './series.js'

const { close_rsi_14, close_stoch_k_14, close_stoch_d_14_3, close_williams_r_14, close_cci_20, close_uo_7_14_28, close_mfi_14 } = slot

const { decay, gain } = wilderWeights(14)

export const relativeStrength: Kernel = {
  writes: { close_rsi_14 },
  run({ nBars, close, values }) {
    let rises = 0
    let falls = 0
    let before = close[0]!
    for (let i = 1; i < nBars; i++) {
      const c = close[i]!
      const difference = c - before
      const size = Math.abs(difference)
      // Half of x ± |x| is max(±x, 0) without a branch that half of all bars would mispredict.
      const rise = (size + difference) * 0.5
      const fall = (size - difference) * 0.5
      if (rises !== rise) rises = decay * rises + gain * rise
      if (falls !== fall) falls = decay * falls + gain * fall
      before = c
    }
    values[close_rsi_14] = falls === 0 ? 100 : 100 - 100 / (1 + rises / falls)
  },
}

export const stochastic: Kernel = {
  writes: { close_stoch_k_14, close_williams_r_14 },
  run({ nBars, high, low, close, values, work }) {
    extremes(high, low, nBars - 14, work)
    const top = work[0]!
    const range = top - work[1]!
    const c = close[nBars - 1]!
    values[close_stoch_k_14] = range === 0 ? 50 : (100 * (c - work[1]!)) / range
    values[close_williams_r_14] = range === 0 ? -50 : (-100 * (top - c)) / range
  },
}

export const smoothedStochastic: Kernel = {
  writes: { close_stoch_d_14_3 },
  run({ nBars, high, low, close, values, work }) {
    let sum = 0
    for (let back = 0; back < 3; back++) {
      extremes(high, low, nBars - 14 - back, work)
      const range = work[0]! - work[1]!
      sum += range === 0 ? 50 : (100 * (close[nBars - 1 - back]! - work[1]!)) / range
    }
    values[close_stoch_d_14_3] = sum / 3
  },
}

/** Highest high and lowest low of 14 rows. */
function extremes(high: Float64Array, low: Float64Array, from: number, out: Float64Array): void {
  let top = high[from]!
  let bottom = low[from]!
  for (let i = from + 1; i < from + 14; i++) {
    if (high[i]! > top) top = high[i]!
    if (low[i]! < bottom) bottom = low[i]!
  }
  out[0] = top
  out[1] = bottom
}

/** The numerator's mean is the running one, the deviation's the pairwise one: on flat prices their last bits decide. */
export const commodityChannel: Kernel = {
  writes: { close_cci_20 },
  needs: [typicalPrice],
  run({ nBars, typicalPrice, values, scratch, work }) {
    const from = nBars - 20
    pairSum(typicalPrice, from, 20, work, 0)
    const mean = work[0]! / 20
    for (let j = 0; j < 20; j++) scratch[j] = Math.abs(typicalPrice[from + j]! - mean)
    pairSum(scratch, 0, 20, work, 0)
    const deviation = work[0]! / 20
    rollingMean(typicalPrice, nBars, 20, work, 1)
    values[close_cci_20] = deviation === 0 ? Number.NaN : (typicalPrice[nBars - 1]! - work[1]!) / (0.015 * deviation)
  },
}

export const ultimate: Kernel = {
  writes: { close_uo_7_14_28 },
  needs: [trueRange],
  run({ nBars, low, close, trueRange, values, scratch, work }) {
    for (let i = 1; i < nBars; i++) {
      const before = close[i - 1]!
      const l = low[i]!
      scratch[i] = close[i]! - (l < before ? l : before)
    }
    rollingSums(scratch, trueRange, 1, nBars, 7, work, 0)
    rollingSums(scratch, trueRange, 1, nBars, 14, work, 2)
    rollingSums(scratch, trueRange, 1, nBars, 28, work, 4)
    values[close_uo_7_14_28] = (100 * (4 * (work[0]! / work[1]!) + 2 * (work[2]! / work[3]!) + work[4]! / work[5]!)) / 7
  },
}

export const moneyFlow: Kernel = {
  writes: { close_mfi_14 },
  needs: [typicalPrice],
  run({ nBars, volume, typicalPrice, values, scratch, scratch2, work }) {
    scratch[0] = 0
    scratch2[0] = 0
    let before = typicalPrice[0]!
    for (let i = 1; i < nBars; i++) {
      const price = typicalPrice[i]!
      const difference = price - before
      // 1, 0.5 or 0 without a branch that half of all bars would mispredict; equal prices are the rare case.
      const flow = price * volume[i]!
      const rose = difference === 0 ? 0 : 0.5 + 0.5 * (difference / Math.abs(difference))
      const fell = difference === 0 ? 0 : 1 - rose
      scratch[i] = flow * rose
      scratch2[i] = flow * fell
      before = price
    }
    rollingSums(scratch, scratch2, 0, nBars, 14, work, 0)
    values[close_mfi_14] = work[1] === 0 ? 100 : 100 - 100 / (1 + work[0]! / work[1]!)
  },
}
