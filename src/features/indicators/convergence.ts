import { exponentialAverage } from './exponential-average.js'

/**
 * MACD over the whole window: EMA12 − EMA26 of the closes, its EMA9, their difference, into `out[0 … 2]`.
 * The series grow with the longest window that was asked for and are kept by whoever made this.
 */
export function createConvergence(): (close: Float64Array, first: number, last: number, out: Float64Array) => void {
  let fast = new Float64Array(0)
  let slow = new Float64Array(0)
  return (close, first, last, out) => {
    const n = last - first + 1
    if (fast.length < n) {
      fast = new Float64Array(n)
      slow = new Float64Array(n)
    }
    exponentialAverage(close, first, last, 12, fast)
    exponentialAverage(close, first, last, 26, slow)
    for (let i = 0; i < n; i++) fast[i] = fast[i]! - slow[i]!
    const macd = fast[n - 1]!
    const signal = exponentialAverage(fast, 0, n - 1, 9)
    out[0] = macd
    out[1] = signal
    out[2] = macd - signal
  }
}
