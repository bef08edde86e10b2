import type { Kernel } from '../kernel.js'
import { spanDecay } from '../numeric/moving-average-decay.js'
import { pairSum } from '../numeric/pair-sum.js'
import { sequentialVariance } from '../numeric/sequential-variance.js'
import { slot } from '../table/table.js'
import { accumulation, typicalPrice } from './series.js'

const { close_obv, close_obv_over_dollar_vol_20, close_vwap, close_over_vwap, close_log_ratio_vwap } = slot
const { close_adl, close_adl_over_dollar_vol_20, close_chaikin_3_10, turnover_z_20 } = slot

export const onBalanceVolume: Kernel = {
  writes: { close_obv },
  run({ nBars, close, volume, values }) {
    let total = 0
    let before = close[0]!
    for (let i = 1; i < nBars; i++) {
      const c = close[i]!
      const difference = c - before
      // d / |d| is ±1 without a branch that half of all bars would mispredict.
      if (difference !== 0) total += volume[i]! * (difference / Math.abs(difference))
      before = c
    }
    values[close_obv] = total
  },
}

export const onBalanceVolumePerTurnover: Kernel = {
  writes: { close_obv_over_dollar_vol_20 },
  needs: [onBalanceVolume],
  run(lookback) {
    turnover(lookback.nBars, lookback.close, lookback.volume, lookback.scratch, lookback.work)
    const total = lookback.work[0]!
    lookback.values[close_obv_over_dollar_vol_20] = total === 0 ? Number.NaN : lookback.values[close_obv]! / total
  },
}

export const accumulationPerTurnover: Kernel = {
  writes: { close_adl_over_dollar_vol_20 },
  needs: [accumulation],
  run({ nBars, close, volume, accumulation, values, scratch, work }) {
    turnover(nBars, close, volume, scratch, work)
    const total = work[0]!
    values[close_adl_over_dollar_vol_20] = total === 0 ? Number.NaN : accumulation[nBars - 1]! / total
  },
}

/** C·V of the last 20 rows to the scratch, their sum to `work[0]`. */
function turnover(nBars: number, close: Float64Array, volume: Float64Array, scratch: Float64Array, work: Float64Array): void {
  for (let j = 0, i = nBars - 20; j < 20; j++, i++) scratch[j] = close[i]! * volume[i]!
  pairSum(scratch, 0, 20, work, 0)
}

export const turnoverScore: Kernel = {
  writes: { turnover_z_20 },
  run({ nBars, close, volume, values, scratch, work }) {
    turnover(nBars, close, volume, scratch, work)
    sequentialVariance(scratch, 0, 20, work, 1)
    const mean = work[0]! / 20
    const deviation = Math.sqrt(work[1]!)
    values[turnover_z_20] = deviation > 0 ? (scratch[19]! - mean) / deviation : Number.NaN
  },
}

/** Volume-weighted mean price of the whole lookback. */
export const volumeWeightedPrice: Kernel = {
  writes: { close_vwap, close_over_vwap, close_log_ratio_vwap },
  needs: [typicalPrice],
  run({ nBars, close, volume, typicalPrice, values, scratch, work }) {
    for (let i = 0; i < nBars; i++) scratch[i] = typicalPrice[i]! * volume[i]!
    pairSum(scratch, 0, nBars, work, 0)
    pairSum(volume, 0, nBars, work, 1)
    const price = work[1] === 0 ? Number.NaN : work[0]! / work[1]!
    const last = close[nBars - 1]!
    const ratio = price === 0 || last <= 0 ? Number.NaN : last / price
    values[close_vwap] = price
    values[close_over_vwap] = ratio
    values[close_log_ratio_vwap] = ratio > 0 ? Math.log(ratio) : Number.NaN
  },
}

export const accumulationLine: Kernel = {
  writes: { close_adl },
  needs: [accumulation],
  run({ nBars, accumulation, values }) {
    values[close_adl] = accumulation[nBars - 1]!
  },
}

const decay3 = spanDecay(3)
const decay10 = spanDecay(10)

export const chaikin: Kernel = {
  writes: { close_chaikin_3_10 },
  needs: [accumulation],
  run({ nBars, accumulation, values }) {
    let fast = accumulation[0]!
    let slow = fast
    let fastWeight = 1
    let slowWeight = 1
    for (let i = 1; i < nBars; i++) {
      const line = accumulation[i]!
      const fastDecayed = fastWeight * decay3
      const slowDecayed = slowWeight * decay10
      fastWeight = fastDecayed + 1
      slowWeight = slowDecayed + 1
      if (fast !== line) fast = (fastDecayed * fast + line) / fastWeight
      if (slow !== line) slow = (slowDecayed * slow + line) / slowWeight
    }
    values[close_chaikin_3_10] = fast - slow
  },
}
