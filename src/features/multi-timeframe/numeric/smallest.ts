/** Writes the `k` smallest of `x[from … from + n − 1]` to `out[0 … k − 1]`, ascending. With k = n this sorts. */
export function smallest(x: Float64Array, from: number, n: number, k: number, out: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const v = x[from + i]!
    let j = i < k ? i : k
    if (j === k && v >= out[k - 1]!) continue
    if (j === k) j = k - 1
    for (; j > 0 && out[j - 1]! > v; j--) out[j] = out[j - 1]!
    out[j] = v
  }
}
