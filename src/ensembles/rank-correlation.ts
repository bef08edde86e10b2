/** Ranks from 1 on, the mean of their places for equal values. */
export function averageRanks(values: readonly number[] | Float64Array): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!)
  const ranks = new Float64Array(values.length)
  for (let from = 0; from < order.length;) {
    let to = from
    while (to + 1 < order.length && values[order[to + 1]!] === values[order[from]!]) to++
    for (let k = from; k <= to; k++) ranks[order[k]!] = (from + to) / 2 + 1
    from = to + 1
  }
  return ranks
}

/** Pearson's correlation of two columns of equal length; NaN when one of them does not vary or there are fewer than two rows. */
export function correlation(a: readonly number[] | Float64Array, b: readonly number[] | Float64Array): number {
  const n = a.length
  let meanA = 0
  let meanB = 0
  for (let i = 0; i < n; i++) {
    meanA += a[i]! / n
    meanB += b[i]! / n
  }
  let ab = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < n; i++) {
    const [da, db] = [a[i]! - meanA, b[i]! - meanB]
    ab += da * db
    aa += da * da
    bb += db * db
  }
  return aa === 0 || bb === 0 ? Number.NaN : ab / Math.sqrt(aa * bb)
}

/** Spearman's: Pearson's of the ranks. */
export function rankCorrelation(a: readonly number[] | Float64Array, b: readonly number[] | Float64Array): number {
  return correlation(averageRanks(a), averageRanks(b))
}
