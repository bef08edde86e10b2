import type { Compared } from './compared.js'
import { mostProbable } from './judge.js'
import type { PerformanceOfOne } from './performance-schema.js'

/**
 * What was predicted and what came, per class.
 * @param names of the classes, in their order; null: not known
 */
export function classTable(rows: Compared, thresholds: Float64Array, names: readonly string[] | null): PerformanceOfOne['classes'] {
  const { nRows, classProbabilities, realisedClass } = rows
  const table = classProbabilities.map((probabilities, k) => ({
    class: k,
    name: names?.[k] ?? null,
    from: thresholds[k - 1] ?? null,
    below: thresholds[k] ?? null,
    predicted: 0,
    realised: 0,
    hits: 0,
    mean_p: nRows === 0 ? null : probabilities.reduce((sum, p) => sum + p, 0) / nRows,
  }))
  const row = new Float64Array(classProbabilities.length)
  for (let r = 0; r < nRows; r++) {
    classProbabilities.forEach((column, k) => (row[k] = column[r]!))
    const predicted = mostProbable(row)
    table[predicted]!.predicted++
    table[realisedClass[r]!]!.realised++
    if (predicted === realisedClass[r]) table[predicted]!.hits++
  }
  return table
}
