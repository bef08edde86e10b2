import { exponentials } from './tables'
import { fma } from './fma'

/**
 * e^x with the bits of glibc 2.28 and later on x86-64 with FMA: Szabolcs Nagy's algorithm (ARM optimized-routines, math/exp.c), its
 * table of 128 powers, its polynomial, and the contractions that its compiled form has. Below 0.511 ulp everywhere.
 */
export function exp(x: f64): f64 {
  const magnitude = <u32>((reinterpret<u64>(x) >> 52) & 0x7ff)
  let special = false
  // |x| < 2^-54, or |x| >= 512, or not a number.
  if (magnitude - 0x3c9 >= 0x408 - 0x3c9) {
    if (magnitude < 0x3c9) return 1 + x
    if (magnitude >= 0x409) {
      if (x == -Infinity) return 0
      if (magnitude == 0x7ff) return 1 + x
      return x < 0 ? 0 : Infinity
    }
    special = true
  }
  const shift: f64 = 6755399441055744
  const shifted = fma(184.6649652337873, x, shift)
  const k = reinterpret<u64>(shifted)
  const rounded = shifted - shift
  const r = fma(rounded, -1.2864023111638344e-14, fma(rounded, -0.005415212348111709, x))
  const entry = exponentials + <usize>((k & 127) << 4)
  const tail = load<f64>(entry)
  const bits = load<u64>(entry, 8) + (k << 45)
  const r2 = r * r
  const low = fma(r, 0.16666666666665886, 0.49999999999996786)
  const high = fma(r, 0.008333335853059549, 0.0416666808410674)
  const rest = fma(r2 * r2, high, fma(r2, low, tail + r))
  if (special) return nearLimits(rest, bits, k)
  const scale = reinterpret<f64>(bits)
  return fma(scale, rest, scale)
}

/** Where the scale's exponent would leave the range of doubles. */
function nearLimits(rest: f64, bits: u64, k: u64): f64 {
  if ((k & 0x80000000) == 0) {
    const scale = reinterpret<f64>(bits - (1009 << 52))
    return 5.486124068793689e303 * fma(scale, rest, scale)
  }
  const scale = reinterpret<f64>(bits + (1022 << 52))
  let y = fma(scale, rest, scale)
  if (y < 1) {
    let low = fma(scale, rest, scale - y)
    const high = 1 + y
    low = 1 - high + y + low
    y = high + low - 1
    if (y == 0) y = 0
  }
  return 2.2250738585072014e-308 * y
}
