import type { Step } from '../table/step.js'
import { averageRange } from './average-range.js'
import { createConvergence } from './convergence.js'

/** MACD, its signal and their difference, which systems name differently. */
export function convergenceStep(difference: string): Step {
  const compute = createConvergence()
  return {
    rows: [
      { name: 'macd', minBars: 1, unit: 'price', formula: 'EMA12 − EMA26 of the closes, over the whole window' },
      { name: 'macd_signal', minBars: 1, unit: 'price', formula: 'EMA9 of macd' },
      { name: difference, minBars: 1, unit: 'price', formula: 'macd − macd_signal' },
    ],
    run: ({ close }, first, last, out) => compute(close, first, last, out),
  }
}

export const averageRangeStep: Step = {
  rows: [{ name: 'atr_14', minBars: 14, unit: 'price', formula: 'simple mean of the last 14 true ranges' }],
  run(frame, first, last, out) {
    if (last - 13 >= first) out[0] = averageRange(frame, first, last, 14)
  },
}

export const volumeChangeStep: Step = {
  rows: [{ name: 'volume_change', minBars: 2, unit: 'ratio', formula: 'V_t / V_{t−1} − 1; x/0 = ∞, 0/0 is missing' }],
  run({ volume }, _first, last, out) {
    out[0] = volume[last]! / volume[last - 1]! - 1
  },
}
