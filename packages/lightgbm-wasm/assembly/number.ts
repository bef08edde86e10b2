import { hostParseNumber } from './host'
import { nearestDouble } from './nearest-double'

/** Where the last scanned number ends. Equal to its start when there was none. */
export let numberEnd: usize = 0

const ZERO: u8 = 48
const ZEROS: u64 = 0x3030303030303030
// prettier-ignore
const powersOfTen = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000,
])

// @ts-ignore: decorator
@inline
function digitAt(p: usize): u32 {
  return <u32>load<u8>(p) - ZERO
}

/**
 * The double nearest to the decimal at p: optional sign, digits with optional point, optional exponent; or inf, infinity, nan in any case.
 * Every result has the bits of JavaScript's Number() and of C's strtod. Some byte that belongs to no number must follow the text.
 */
export function scanDouble(start: usize): f64 {
  numberEnd = start
  // Half of the numbers may be negative: no branch on that.
  const negative = load<u8>(start) == 45
  let p = start + usize(negative || load<u8>(start) == 43)
  const unsigned = p
  let mantissa: u64 = 0
  while (digitAt(p) < 10) mantissa = mantissa * 10 + digitAt(p++)
  let digits = <i32>(p - unsigned)
  let exponent: i32 = 0
  // What all but the last digits come to, to tell leading zeros from digits that count.
  let head: u64 = 0
  let headDigits: i32 = 0
  if (load<u8>(p) == 46) {
    const fraction = ++p
    let eight = load<u64>(p) ^ ZEROS
    let others = othersThanDigits(eight)
    if (others == 0) {
      mantissa = head = mantissa * 100000000 + joinedDigits(eight)
      headDigits = digits + 8
      do {
        p += 8
        eight = load<u64>(p) ^ ZEROS
        others = othersThanDigits(eight)
        if (others != 0) break
        mantissa = mantissa * 100000000 + joinedDigits(eight)
      } while (true)
    }
    // The last ones, up to seven, without a branch on their number.
    const length = ctz(others) & 56
    mantissa = mantissa * load<u64>(powersOfTen + <usize>length) + joinedDigits((eight << (56 - length)) << 8)
    p += <usize>(length >> 3)
    exponent = <i32>(fraction - p)
    digits -= exponent
  }
  if (digits == 0) return scanSpecial(unsigned, negative)
  if ((load<u8>(p) | 32) == 101) {
    let q = p + 1
    const negativeExponent = load<u8>(q) == 45
    if (negativeExponent || load<u8>(q) == 43) q++
    if (digitAt(q) < 10) {
      let written: i32 = 0
      while (digitAt(q) < 10) {
        if (written < 100000) written = written * 10 + <i32>digitAt(q)
        q++
      }
      exponent += negativeExponent ? -written : written
      p = q
    }
  }
  numberEnd = p
  if (digits > 19) {
    const others = headDigits + 19 - digits
    const fits = headDigits <= 19 && others >= 0 && others <= 16 && head < load<u64>(powersOfTen + (<usize>others << 3))
    if (!fits && significantDigits(unsigned) > 19) return hostParseNumber(start, p - start)
  }
  return reinterpret<f64>(reinterpret<u64>(nearestDouble(mantissa, exponent)) | (<u64>negative << 63))
}

function significantDigits(p: usize): i32 {
  while (load<u8>(p) == ZERO || load<u8>(p) == 46) p++
  let count = 0
  for (; digitAt(p) < 10 || load<u8>(p) == 46; p++) count += i32(load<u8>(p) != 46)
  return count
}

function scanSpecial(p: usize, negative: bool): f64 {
  const three = (<u32>load<u16>(p) | (<u32>load<u8>(p, 2) << 16)) | 0x202020
  if (three == 0x6e616e) {
    numberEnd = p + 3
    return NaN
  }
  if (three != 0x666e69) return 0
  numberEnd = p + 3
  if ((load<u32>(p, 3) | 0x20202020) == 0x74696e69 && (load<u8>(p, 7) | 32) == 121) numberEnd = p + 8
  return negative ? -Infinity : Infinity
}

/** Sets numberEnd as scanDouble does, without working the number out. */
function passDouble(start: usize): void {
  let p = start
  if (load<u8>(p) == 45 || load<u8>(p) == 43) p++
  const unsigned = p
  while (digitAt(p) < 10) p++
  let digits = p - unsigned
  if (load<u8>(p) == 46) {
    const fraction = ++p
    while (othersThanDigits(load<u64>(p) ^ ZEROS) == 0) p += 8
    while (digitAt(p) < 10) p++
    digits += p - fraction
  }
  // The rare ones: inf, nan, exponents.
  if (digits == 0 || (load<u8>(p) | 32) == 101) scanDouble(start)
  else numberEnd = p
}

/** A whole number with optional sign. At most 18 digits are taken, so that whatever is longer is out of every range we ask for. */
export function scanInteger(start: usize): i64 {
  let p = start
  const negative = load<u8>(p) == 45
  if (negative || load<u8>(p) == 43) p++
  const first = p
  let value: i64 = 0
  const eight = load<u64>(p) ^ ZEROS
  if (othersThanDigits(eight) == 0) {
    value = <i64>joinedDigits(eight)
    p += 8
    const more = load<u64>(p) ^ ZEROS
    const length = ctz(othersThanDigits(more)) & 56
    if (othersThanDigits(more) != 0) {
      value = value * load<i64>(powersOfTen + <usize>length) + <i64>joinedDigits((more << (56 - length)) << 8)
      p += <usize>(length >> 3)
    }
  }
  while (digitAt(p) < 10 && p - first < 18) value = value * 10 + digitAt(p++)
  while (digitAt(p) < 10) p++
  numberEnd = p == first ? start : p
  return negative ? -value : value
}

/**
 * The number of up to seven digits among the eight bytes, which a space follows; or NO_SHORT_INTEGER. It has `shortBits` bits: 8 per digit.
 * Without a branch on the number of digits, and with little to be done before the place of the next number is known.
 */
// @ts-ignore: decorator
@inline
export function shortInteger(eight: u64): i64 {
  const bits = shortBits(eight)
  const digits = (eight ^ ZEROS) << (64 - bits)
  const only = ((digits + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) == 0
  return bits != 0 && only && ((eight >> bits) & 0xff) == 32 ? <i64>joinedDigits(digits) : NO_SHORT_INTEGER
}
export const NO_SHORT_INTEGER: i64 = -1

// @ts-ignore: decorator
@inline
export function shortBits(eight: u64): u64 {
  return ctz((eight ^ ZEROS) & 0xf0f0f0f0f0f0f0f0) & 56
}

/**
 * The number as LightGBM's `Common::Atof` reads it, rounding errors included: this is how it reads split_gain. Sets numberEnd as scanDouble
 * does. Up to seven digits before and after the point are exact whichever way they are read.
 */
export function scanLegacyDouble(start: usize): f64 {
  let eight = load<u64>(start) ^ ZEROS
  let length = ctz(othersThanDigits(eight)) & 56
  if (length == 0) return scanOtherLegacyDouble(start)
  let value = <f64>joinedDigits(eight << (64 - length))
  let p = start + <usize>(length >> 3)
  if (load<u8>(p) == 46) {
    eight = load<u64>(++p) ^ ZEROS
    length = ctz(othersThanDigits(eight)) & 56
    if (length == 0) return scanOtherLegacyDouble(start)
    value += <f64>joinedDigits(eight << (64 - length)) / <f64>load<u64>(powersOfTen + <usize>length)
    p += <usize>(length >> 3)
  }
  if ((load<u8>(p) | 32) == 101) return scanOtherLegacyDouble(start)
  numberEnd = p
  return value
}

function scanOtherLegacyDouble(start: usize): f64 {
  passDouble(start)
  return numberEnd == start ? 0 : legacyDouble(start)
}

/** For what scanDouble has accepted. */
function legacyDouble(p: usize): f64 {
  const negative = load<u8>(p) == 45
  if (negative || load<u8>(p) == 43) p++
  if ((load<u8>(p) | 32) == 110) return NaN
  if ((load<u8>(p) | 32) == 105) return negative ? -1e308 : 1e308
  let value: f64 = 0
  while (digitAt(p) < 10) value = value * 10 + <f64>digitAt(p++)
  if (load<u8>(p) == 46) {
    let right: f64 = 0
    let places: i32 = 0
    for (p++; digitAt(p) < 10; p++) {
      right = <f64>digitAt(p) + right * 10
      places++
    }
    value += right / legacyPower(10, places)
  }
  if ((load<u8>(p) | 32) == 101) {
    const shrinks = load<u8>(p, 1) == 45
    p += shrinks || load<u8>(p, 1) == 43 ? 2 : 1
    let exponent: u32 = 0
    for (; digitAt(p) < 10; p++) exponent = min<u32>(exponent * 10 + digitAt(p), 308)
    let scale: f64 = 1
    for (; exponent >= 50; exponent -= 50) scale *= 1e50
    for (; exponent >= 8; exponent -= 8) scale *= 1e8
    for (; exponent > 0; exponent--) scale *= 10
    value = shrinks ? value / scale : value * scale
  }
  return negative ? -value : value
}

/** `Common::Pow` by repeated squaring and cubing. */
function legacyPower(base: f64, power: i32): f64 {
  if (power == 0) return 1
  if (power % 2 == 0) return legacyPower(base * base, power / 2)
  if (power % 3 == 0) return legacyPower(base * base * base, power / 3)
  return base * legacyPower(base, power - 1)
}

/** The high bit of each byte above 9. */
// @ts-ignore: decorator
@inline
function othersThanDigits(eight: u64): u64 {
  return (((eight & 0x7f7f7f7f7f7f7f7f) + 0x7676767676767676) | eight) & 0x8080808080808080
}

/** Eight digits as a number: Lemire, "Quickly parsing eight digits" (2018). */
// @ts-ignore: decorator
@inline
function joinedDigits(eight: u64): u64 {
  const pairs = eight * 10 + (eight >> 8)
  return (((pairs & 0x000000ff000000ff) * 0x000f424000000064 + ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >> 32) & 0xffffffff
}
