import type { Kernel } from '../kernel.js'
import { wilderWeights } from '../numeric/moving-average-decay.js'
import { slot } from '../table/table.js'
import { trueRange } from './series.js'

const { close_adx_14, close_di_plus_14, close_di_minus_14 } = slot

const { decay, gain } = wilderWeights(14)
const warmUp = 13

/**
 * Wilder's directional movement. Every average is seeded with row 0 and counts from row 13 on; a row without a direction is missing
 * to ADX: it keeps its value and lets its weight decay, as pandas' `ewm(adjust=False)` does.
 */
export const directional: Kernel = {
  writes: { close_adx_14, close_di_plus_14, close_di_minus_14 },
  needs: [trueRange],
  run({ nBars, high, low, trueRange, values }) {
    let plus = 0
    let minus = 0
    let range = trueRange[0]!
    let average = Number.NaN
    let weight = 1
    let nDirections = 0
    let toPlus = Number.NaN
    let toMinus = Number.NaN
    let highBefore = high[0]!
    let lowBefore = low[0]!
    for (let i = 1; i < nBars; i++) {
      const h = high[i]!
      const l = low[i]!
      const r = trueRange[i]!
      const up = h - highBefore
      const down = lowBefore - l
      const plusMove = up > down && up > 0 ? up : 0
      const minusMove = down > up && down > 0 ? down : 0
      if (plus !== plusMove) plus = decay * plus + gain * plusMove
      if (minus !== minusMove) minus = decay * minus + gain * minusMove
      if (range !== r) range = decay * range + gain * r
      highBefore = h
      lowBefore = l
      if (i < warmUp) continue
      toPlus = range === 0 ? Number.NaN : 100 * (plus / range)
      toMinus = range === 0 ? Number.NaN : 100 * (minus / range)
      const direction = (100 * Math.abs(toPlus - toMinus)) / (toPlus + toMinus)
      weight *= decay
      if (!(Math.abs(direction) < Number.POSITIVE_INFINITY)) continue
      if (nDirections === 0) average = direction
      else if (average !== direction) average = (weight * average + gain * direction) / (weight + gain)
      weight = 1
      nDirections++
    }
    values[close_adx_14] = nDirections < 14 ? Number.NaN : average
    values[close_di_plus_14] = toPlus
    values[close_di_minus_14] = toMinus
  },
}
