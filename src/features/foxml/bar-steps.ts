import { averageRangeStep, volumeChangeStep } from '../indicators/common-steps.js'
import { meanOf } from '../indicators/mean.js'
import type { Step } from '../table/step.js'

/** Ranges, volume, the place among the closes of a year of days. */
export function barSteps(): Step[] {
  return [averageRangeStep, barRange, volumeRatio, volumeChangeStep, extremes]
}

const barRange: Step = {
  rows: [{ name: 'high_low_range', minBars: 1, unit: 'ratio', formula: '(H_t − L_t) / C_t' }],
  run({ high, low, close }, _first, last, out) {
    out[0] = (high[last]! - low[last]!) / close[last]!
  },
}

const volumeRatio: Step = {
  rows: [{ name: 'volume_ma_ratio', minBars: 20, unit: 'ratio', formula: 'V_t / mean of the last 20 volumes; missing when that is 0' }],
  run({ volume }, first, last, out) {
    if (last - 19 < first) return
    const mean = meanOf(volume, last, 20)
    out[0] = mean === 0 ? Number.NaN : volume[last]! / mean
  },
}

const extremes: Step = {
  rows: [
    { name: 'close_to_high_52w', minBars: 20, unit: 'ratio', formula: 'C_t / largest of the last 252 closes (or as many as there are)' },
    { name: 'close_to_low_52w', minBars: 20, unit: 'ratio', formula: 'C_t / smallest of the same closes' },
  ],
  run({ close }, first, last, out) {
    let highest = -Infinity
    let lowest = Infinity
    for (let i = Math.max(first, last - 251); i <= last; i++) {
      if (close[i]! > highest) highest = close[i]!
      if (close[i]! < lowest) lowest = close[i]!
    }
    out[0] = close[last]! / highest
    out[1] = lowest === 0 ? Number.NaN : close[last]! / lowest
  },
}
