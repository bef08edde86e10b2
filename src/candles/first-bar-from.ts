/**
 * Index of the first bar that opens at `fromMs` or later; the number of bars when none does.
 * @param openTimeMs rising open times, epoch milliseconds
 */
export function firstBarFrom(openTimeMs: Float64Array, fromMs: number): number {
  let low = 0
  let high = openTimeMs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (openTimeMs[middle]! < fromMs) low = middle + 1
    else high = middle
  }
  return low
}
