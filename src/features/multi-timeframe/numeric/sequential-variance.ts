/**
 * Sample variance (n − 1) of `x[from … from + n − 1]` to `out[at]`, both passes summed left to right: the order of bottleneck's
 * `nanvar`, which pandas used. Its mean is not the pairwise one; on constant data the two decide between 0, NaN and ±0.97.
 */
export function sequentialVariance(x: Float64Array, from: number, n: number, out: Float64Array, at: number): void {
  const end = from + n
  let sum = 0
  for (let i = from; i < end; i++) sum += x[i]!
  const mean = sum / n
  let squares = 0
  for (let i = from; i < end; i++) {
    const d = x[i]! - mean
    squares += d * d
  }
  out[at] = n < 2 ? Number.NaN : squares / (n - 1)
}
