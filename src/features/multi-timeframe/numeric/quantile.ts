/**
 * Quantile q of `sorted[0 … n − 1]` (ascending) to `out[at]`, linear between neighbours, rounded like numpy's `_lerp`.
 * Reads only the items ⌊(n − 1)·q⌋ and the next.
 */
export function quantile(sorted: Float64Array, n: number, q: number, out: Float64Array, at: number): void {
  const h = (n - 1) * q
  const i = Math.floor(h)
  const weight = h - i
  const low = sorted[i]!
  const high = sorted[i + 1]!
  const d = high - low
  out[at] = weight < 0.5 ? low + d * weight : high - d * (1 - weight)
}
