import { firstNotBelow } from './first-not-below.js'

/**
 * The bin of each value by its rank 1…n among all, ties by order of appearance: min(B − 1, ⌊(rank − 1)·B / n⌋).
 * Sorting numbers and looking each up is several times quicker than sorting rows by a comparison in JavaScript.
 * @param values none is NaN
 */
export function rankBinsOf(values: Float64Array, nBins: number): Int32Array {
  const n = values.length
  const sorted = values.slice().sort()
  /** By the place of the first equal value: how many have been seen. */
  const seen = new Int32Array(n)
  return Int32Array.from(values, (value) => {
    const first = firstNotBelow(sorted, value)
    const rank = first + seen[first]!++
    return Math.min(nBins - 1, Math.floor((rank * nBins) / n))
  })
}

/** Equal-count bins of the data itself, by rank; −1 for NaN, which has no rank. */
export function assignByRank(values: Float64Array, nBins: number): Int32Array {
  const rows = Uint32Array.from(values, (_, row) => row).filter((row) => !Number.isNaN(values[row]))
  const bins = rankBinsOf(
    Float64Array.from(rows, (row) => values[row]!),
    nBins,
  )
  const all = new Int32Array(values.length).fill(-1)
  rows.forEach((row, k) => (all[row] = bins[k]!))
  return all
}
