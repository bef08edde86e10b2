/**
 * Pairwise sum of `x[from … from + n − 1]` in the order of numpy's `sum`, bit for bit: eight accumulators, halves above 128 items
 * (numpy/_core/src/umath/loops_utils.h.src). The result goes to `out[at]`: a returned double would be a heap number, garbage per bar.
 */
export function pairSum(x: Float64Array, from: number, n: number, out: Float64Array, at: number): void {
  if (n > 128) {
    const half = (n >> 1) & ~7
    pairSum(x, from, half, out, at)
    const left = out[at]!
    pairSum(x, from + half, n - half, out, at)
    out[at] = left + out[at]!
    return
  }
  const end = from + n
  if (n < 8) {
    let sum = 0
    for (let i = from; i < end; i++) sum += x[i]!
    out[at] = sum
    return
  }
  let r0 = x[from]!
  let r1 = x[from + 1]!
  let r2 = x[from + 2]!
  let r3 = x[from + 3]!
  let r4 = x[from + 4]!
  let r5 = x[from + 5]!
  let r6 = x[from + 6]!
  let r7 = x[from + 7]!
  let i = from + 8
  for (const whole = end - (n & 7); i < whole; i += 8) {
    r0 += x[i]!
    r1 += x[i + 1]!
    r2 += x[i + 2]!
    r3 += x[i + 3]!
    r4 += x[i + 4]!
    r5 += x[i + 5]!
    r6 += x[i + 6]!
    r7 += x[i + 7]!
  }
  let sum = r0 + r1 + (r2 + r3) + (r4 + r5 + (r6 + r7))
  for (; i < end; i++) sum += x[i]!
  out[at] = sum
}
