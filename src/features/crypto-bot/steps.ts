import { averageRangeStep, convergenceStep, volumeChangeStep } from '../indicators/common-steps.js'
import { deviationOf } from '../indicators/deviation.js'
import { exponentialAverage } from '../indicators/exponential-average.js'
import { meanOf } from '../indicators/mean.js'
import { fillReturns } from '../indicators/returns.js'
import { gainAndLoss } from '../indicators/simple-strength.js'
import type { Step } from '../table/step.js'

export function cryptoBotSteps(): Step[] {
  return [
    returns,
    strength(),
    convergenceStep('macd_diff'),
    averageRangeStep,
    ...[20, 50].map(average),
    bands,
    volatility(),
    volumeChangeStep,
  ]
}

const returns: Step = {
  rows: [
    { name: 'returns', minBars: 2, unit: 'ratio', formula: 'C_t / C_{t−1} − 1' },
    { name: 'log_returns', minBars: 2, unit: 'ratio', formula: 'ln(C_t / C_{t−1})' },
  ],
  run({ close }, _first, last, out) {
    const ratio = close[last]! / close[last - 1]!
    out[0] = ratio - 1
    out[1] = Math.log(ratio)
  },
}

function strength(): Step {
  const means = new Float64Array(2)
  return {
    rows: [
      {
        name: 'rsi_14',
        minBars: 14,
        unit: '0–100',
        formula: '100 − 100/(1 + G/L), simple means of 14 bars; 100 when L = 0 < G, missing when both are 0',
      },
    ],
    run({ close }, first, last, out) {
      if (last - 13 < first) return
      gainAndLoss(close, first, last, 14, means)
      out[0] = 100 - 100 / (1 + means[0]! / means[1]!)
    },
  }
}

function average(span: number): Step {
  return {
    rows: [{ name: `ema_${span}`, minBars: 1, unit: 'price', formula: `EMA${span} of the closes, over the whole window` }],
    run({ close }, first, last, out) {
      out[0] = exponentialAverage(close, first, last, span)
    },
  }
}

const bands: Step = {
  rows: [
    { name: 'bb_upper', minBars: 20, unit: 'price', formula: 'mean20 + 2·std20, sample deviation' },
    { name: 'bb_middle', minBars: 20, unit: 'price', formula: 'mean of the last 20 closes' },
    { name: 'bb_lower', minBars: 20, unit: 'price', formula: 'mean20 − 2·std20' },
    { name: 'bb_width', minBars: 20, unit: 'ratio', formula: '(bb_upper − bb_lower) / bb_middle' },
  ],
  run({ close }, first, last, out) {
    if (last - 19 < first) return
    const middle = meanOf(close, last, 20)
    const deviation = deviationOf(close, last, 20, 1)
    out[0] = middle + 2 * deviation
    out[1] = middle
    out[2] = middle - 2 * deviation
    out[3] = (out[0] - out[2]) / middle
  },
}

function volatility(): Step {
  const last20 = new Float64Array(20)
  return {
    rows: [{ name: 'volatility', minBars: 21, unit: 'ratio', formula: 'sample deviation of the last 20 simple returns' }],
    run({ close }, first, last, out) {
      if (last - 20 < first) return
      fillReturns(close, last, 20, last20)
      out[0] = deviationOf(last20, 19, 20, 1)
    },
  }
}
