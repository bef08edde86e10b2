import { meanOf } from './mean.js'

/**
 * Standard deviation of `count` values that end at `last`, in two passes; exactly 0 when all are equal.
 * @param ddof 1: sample, 0: population
 */
export function deviationOf(values: Float64Array, last: number, count: number, ddof: 0 | 1): number {
  const mean = meanOf(values, last, count)
  let sum = 0
  for (let i = last - count + 1; i <= last; i++) {
    const distance = values[i]! - mean
    sum += distance * distance
  }
  return Math.sqrt(sum / (count - ddof))
}
