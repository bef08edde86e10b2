import { firstNotBelow } from './first-not-below.js'

/**
 * Spearman's rank correlation: Pearson's of the ranks, equal values sharing the mean of their ranks.
 * @returns NaN with fewer than two rows, or where one side is constant
 */
export function rankCorrelation(a: Float64Array, b: Float64Array): number {
  const n = a.length
  const middle = (n + 1) / 2
  const ranksA = averageRanks(a)
  const ranksB = averageRanks(b)
  let together = 0
  let squareA = 0
  let squareB = 0
  for (let row = 0; row < n; row++) {
    const x = ranksA[row]! - middle
    const y = ranksB[row]! - middle
    together += x * y
    squareA += x * x
    squareB += y * y
  }
  return squareA === 0 || squareB === 0 ? Number.NaN : together / Math.sqrt(squareA * squareB)
}

/** Rank 1…n of each value; equal values share the mean of theirs. None is NaN. */
export function averageRanks(values: Float64Array): Float64Array {
  const n = values.length
  const sorted = values.slice().sort()
  /** By the place of the first equal value: the rank of all of them; 0: not known yet. */
  const rankAt = new Float64Array(n)
  return values.map((value) => {
    const first = firstNotBelow(sorted, value)
    if (rankAt[first] === 0) {
      let end = first + 1
      while (end < n && sorted[end] === value) end++
      rankAt[first] = (first + 1 + end) / 2
    }
    return rankAt[first]!
  })
}
