/**
 * The number that `text` spells from `from` to `to` (exclusive), rounded as `Number()` rounds: an optional sign, digits with
 * an optional point, an optional exponent; or `inf`, `infinity` in any case. NaN for everything else, also for `nan`.
 */
export function parseDecimal(text: string, from: number, to: number): number {
  let at = from
  const first = text.charCodeAt(at)
  const negative = first === MINUS
  if (negative || first === PLUS) at++

  let mantissa = 0
  let nDigits = 0
  let pointAt = -1
  for (; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code >= ZERO && code <= NINE) {
      mantissa = mantissa * 10 + (code - ZERO)
      nDigits++
    } else if (code === POINT && pointAt < 0) {
      pointAt = at
    } else {
      break
    }
  }
  if (nDigits === 0) return infinity(text.slice(from, to))
  if (at < to) return exponentFits(text, at, to) ? Number(text.slice(from, to)) : NaN

  // Both are exact below 2^53 and 10^22, so the one division rounds once, as IEEE 754 rounds (Clinger 1990, "How to read floating point numbers accurately").
  const nFraction = pointAt < 0 ? 0 : to - pointAt - 1
  if (mantissa < 2 ** 53 && nFraction <= 22) {
    const value = mantissa / powersOfTen[nFraction]!
    return negative ? -value : value
  }
  return Number(text.slice(from, to))
}

function exponentFits(text: string, from: number, to: number): boolean {
  let at = from
  if ((text.charCodeAt(at) | LOWER_CASE) !== LETTER_E) return false
  at++
  const sign = text.charCodeAt(at)
  if (sign === MINUS || sign === PLUS) at++
  if (at >= to) return false
  for (; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code < ZERO || code > NINE) return false
  }
  return true
}

function infinity(text: string): number {
  if (text.length > '+infinity'.length || !/^[+-]?inf(inity)?$/i.test(text)) return NaN
  return text.startsWith('-') ? -Infinity : Infinity
}

/** 10^0 to 10^22, all of them exact. */
export const powersOfTen: Readonly<Float64Array> = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`))

const LOWER_CASE = 0x20
const PLUS = 0x2b
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const LETTER_E = 0x65
