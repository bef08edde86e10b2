const n = 32
const scale = 1.4426950408889634 * n
/** A cubic for 2^(r/32), |r| ≤ ½. */
const c0 = 0.05550361559341535 / n / n / n
const c1 = 0.2402284522445722 / n / n
const c2 = 0.6931471806916203 / n
const powers = Float64Array.from({ length: n }, (_, i) => 2 ** (i / n))

/**
 * e^x in float32, as the C library computes it (glibc's expf: a table of 32 powers of two and a cubic, in float64, rounded once). It is not the
 * correctly rounded value everywhere, and that is the point: XGBoost's outputs come from it.
 */
export function expFloat32(x: number): number {
  if (!(x > -104 && x < 89)) return Math.fround(Math.exp(x))
  const z = scale * x
  const k = Math.round(z)
  const r = z - k
  const y = (c0 * r + c1) * (r * r) + (c2 * r + 1)
  const index = ((k % n) + n) % n
  return Math.fround(y * powers[index]! * 2 ** ((k - index) / n))
}
