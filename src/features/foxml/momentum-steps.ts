import { convergenceStep } from '../indicators/common-steps.js'
import { deviationOf } from '../indicators/deviation.js'
import { meanOf } from '../indicators/mean.js'
import { gainAndLoss } from '../indicators/simple-strength.js'
import type { Step } from '../table/step.js'

/** Strength, averages, bands, convergence, momentum. */
export function momentumSteps(): Step[] {
  return [
    ...[14, 7, 21].map(strength),
    ...[10, 20, 50].map(averageRatio),
    bands,
    convergenceStep('macd_hist'),
    ...[5, 10, 20].map(momentum),
  ]
}

/** Not a number without losses, where the usual RSI is 100: the builder divides by them. */
function strength(period: number): Step {
  const means = new Float64Array(2)
  return {
    rows: [
      {
        name: `rsi_${period}`,
        minBars: period,
        unit: '0–100',
        formula: `100 − 100/(1 + G/L), simple means of ${period} bars; missing when L = 0`,
      },
    ],
    run({ close }, first, last, out) {
      if (last - period + 1 < first) return
      gainAndLoss(close, first, last, period, means)
      const [gain, loss] = means as unknown as [number, number]
      out[0] = loss === 0 ? Number.NaN : 100 - 100 / (1 + gain / loss)
    },
  }
}

function averageRatio(bars: number): Step {
  return {
    rows: [{ name: `ma_ratio_${bars}`, minBars: bars, unit: 'ratio', formula: `C_t / mean of the last ${bars} closes − 1` }],
    run({ close }, _first, last, out) {
      out[0] = close[last]! / meanOf(close, last, bars) - 1
    },
  }
}

const bands: Step = {
  rows: [
    { name: 'bb_position', minBars: 20, unit: 'ratio', formula: '(C_t − (mean20 − 2·std20)) / (4·std20); 0.5 when the band has no width' },
    { name: 'bb_width', minBars: 20, unit: 'ratio', formula: '4·std20 / mean20, sample deviation' },
  ],
  run({ close }, first, last, out) {
    if (last - 19 < first) return
    const mean = meanOf(close, last, 20)
    const deviation = deviationOf(close, last, 20, 1)
    const upper = mean + 2 * deviation
    const lower = mean - 2 * deviation
    out[0] = upper === lower ? 0.5 : (close[last]! - lower) / (upper - lower)
    out[1] = (upper - lower) / mean
  },
}

function momentum(bars: number): Step {
  return {
    rows: [{ name: `mom_${bars}d`, minBars: bars + 1, unit: 'price', formula: `C_t − C_{t−${bars}}` }],
    run({ close }, _first, last, out) {
      out[0] = close[last]! - close[last - bars]!
    },
  }
}
