import type { Frame } from '../../candles/frame.js'
import { exponentialAverage } from '../indicators/exponential-average.js'

/** Features per minute: the 27, then the cumulative VWAP's deviation. */
export const perMinute = 28

/** Computes every feature of every minute of a window. */
export type ComputeMinutes = (frame: Frame, first: number, last: number, out: Float64Array) => void

/**
 * @param nBars length of the windows
 * @returns a function that writes row-major [nBars × perMinute], oldest minute first; it keeps its own scratch memory
 */
export function createComputeMinutes(nBars: number): ComputeMinutes {
  const logReturns = new Float64Array(nBars)
  const averages = new Float64Array(nBars)

  return (frame, first, last, out) => {
    const { open, high, low, close, volume } = frame
    for (let i = 0, bar = first; i < nBars; i++, bar++) {
      const at = i * perMinute
      const [o, h, l, c, v] = [open[bar]!, high[bar]!, low[bar]!, close[bar]!, volume[bar]!]
      out[at] = o
      out[at + 1] = h
      out[at + 2] = l
      out[at + 3] = c
      out[at + 4] = v
      out[at + 5] = v * c
      out[at + 6] = v * 0.5
      out[at + 7] = v * c * 0.5
      out[at + 8] = 0
      out[at + 9] = ((h - l) / c) * 10_000
      out[at + 10] = 0.5
      logReturns[i] = i < 1 ? 0 : Math.log(c / close[bar - 1]!)
      out[at + 11] = logReturns[i]!
      out[at + 12] = i < 5 ? 0 : Math.log(c / close[bar - 5]!)
      out[at + 13] = i < 15 ? 0 : Math.log(c / close[bar - 15]!)
      out[at + 26] = h - l <= 0 ? 0.5 : (c - l) / (h - l)
    }
    fillVolatility(14, 5)
    fillVolatility(15, 15)
    fillVolatility(16, 30)
    fillSimpleAverage(17, 5)
    fillSimpleAverage(18, 15)
    fillSimpleAverage(19, 30)
    fillExponentialAverage(20, 5)
    fillExponentialAverage(21, 15)
    fillExponentialAverage(22, 30)
    fillStrength()
    fillVolumeRatio()
    fillVwap(25, 20)
    fillVwap(27, nBars)

    function fillVolatility(slot: number, bars: number): void {
      for (let i = 0; i < nBars; i++) out[i * perMinute + slot] = i < bars - 1 ? 0 : populationDeviation(logReturns, i, bars)
    }

    function fillSimpleAverage(slot: number, bars: number): void {
      for (let i = 0; i < nBars; i++) {
        const from = Math.max(0, i - bars + 1)
        let sum = 0
        for (let k = from; k <= i; k++) sum += close[first + k]!
        const c = close[first + i]!
        out[i * perMinute + slot] = c <= 0 ? 0 : (c - sum / (i - from + 1)) / c
      }
    }

    function fillExponentialAverage(slot: number, span: number): void {
      exponentialAverage(close, first, last, span, averages)
      for (let i = 0; i < nBars; i++) {
        const c = close[first + i]!
        out[i * perMinute + slot] = c <= 0 ? 0 : (c - averages[i]!) / c
      }
    }

    /** Wilder's: the first means are simple ones of 14 differences, then A = (13·A + x)/14. */
    function fillStrength(): void {
      let gain = 0
      let loss = 0
      for (let i = 0; i < nBars; i++) {
        const d = i === 0 ? 0 : close[first + i]! - close[first + i - 1]!
        if (i <= 14) {
          gain += Math.max(d, 0) / 14
          loss += Math.max(-d, 0) / 14
        } else {
          gain = (13 * gain + Math.max(d, 0)) / 14
          loss = (13 * loss + Math.max(-d, 0)) / 14
        }
        out[i * perMinute + 23] = i < 14 ? 0.5 : loss === 0 ? 1 : 1 - 1 / (1 + gain / loss)
      }
    }

    function fillVolumeRatio(): void {
      for (let i = 0; i < nBars; i++) {
        const from = Math.max(0, i - 19)
        let sum = 0
        for (let k = from; k <= i; k++) sum += volume[first + k]!
        const mean = sum / (i - from + 1)
        out[i * perMinute + 24] = mean <= 0 ? 1 : volume[first + i]! / mean
      }
    }

    function fillVwap(slot: number, bars: number): void {
      let traded = 0
      let paid = 0
      for (let i = 0; i < nBars; i++) {
        if (bars < nBars) {
          traded = 0
          paid = 0
          for (let k = Math.max(0, i - bars + 1); k < i; k++) add(k)
        }
        add(i)
        const c = close[first + i]!
        out[i * perMinute + slot] = c <= 0 || traded <= 0 ? 0 : (c - paid / traded) / c
      }

      function add(k: number): void {
        const bar = first + k
        traded += volume[bar]!
        paid += ((high[bar]! + low[bar]! + close[bar]!) / 3) * volume[bar]!
      }
    }
  }
}

function populationDeviation(values: Float64Array, last: number, count: number): number {
  let sum = 0
  for (let k = last - count + 1; k <= last; k++) sum += values[k]!
  const mean = sum / count
  let squares = 0
  for (let k = last - count + 1; k <= last; k++) squares += (values[k]! - mean) ** 2
  return Math.sqrt(squares / count)
}
