import { LARGEST_POWER, SMALLEST_POWER, powersOfFive } from './tables'

/** mantissa · 10^exponent, correctly rounded: Eisel-Lemire without fallback (Mushtak and Lemire, 2023). */
export function nearestDouble(mantissa: u64, exponent: i32): f64 {
  if (mantissa == 0 || exponent < SMALLEST_POWER) return 0
  if (exponent > LARGEST_POWER) return Infinity
  const zeros = clz(mantissa)
  const w = mantissa << zeros
  const power = powersOfFive + (<usize>(exponent - SMALLEST_POWER) << 4)
  let low = multiply(w, load<u64>(power))
  let high = productHigh
  if ((high & 0x1ff) == 0x1ff) {
    multiply(w, load<u64>(power, 8))
    const more = productHigh
    low += more
    if (low < more) high++
  }
  const upper = high >> 63
  const shift = upper + 9
  let bits = high >> shift
  let binary = (((152170 + 65536) * exponent) >> 16) + 63 + <i32>upper - <i32>zeros + 1023
  if (binary <= 0) {
    if (1 - binary >= 64) return 0
    bits >>= <u64>(1 - binary)
    bits = (bits + (bits & 1)) >> 1
    return reinterpret<f64>(bits)
  }
  if (low <= 1 && exponent >= -4 && exponent <= 23 && (bits & 3) == 1 && bits << shift == high) bits &= ~1
  bits = (bits + (bits & 1)) >> 1
  if (bits >= 1 << 53) {
    bits = 1 << 52
    binary++
  }
  if (binary >= 0x7ff) return Infinity
  return reinterpret<f64>((bits & 0xfffffffffffff) | (<u64>binary << 52))
}

let productHigh: u64 = 0

/** Low word of the 128-bit product; the high word goes to productHigh. */
// @ts-ignore: decorator
@inline
function multiply(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff
  const aHigh = a >> 32
  const bLow = b & 0xffffffff
  const bHigh = b >> 32
  const low = aLow * bLow
  const cross = aHigh * bLow + (low >> 32)
  const middle = aLow * bHigh + (cross & 0xffffffff)
  productHigh = aHigh * bHigh + (cross >> 32) + (middle >> 32)
  return (middle << 32) | (low & 0xffffffff)
}
