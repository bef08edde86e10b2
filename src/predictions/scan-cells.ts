/* eslint-disable @typescript-eslint/no-unsafe-enum-comparison -- bytes are compared with characters, see Code */
import { exponentEnd } from '../candles/exponent-end.js'
import { powersOfTen } from '../candles/parse-decimal.js'
import { skipSpace } from '../candles/skip-space.js'

export interface Cells {
  /** Row-major [nRows × nColumns], float64, missing = NaN. */
  readonly values: Float64Array
  readonly nRows: number
  /** Index behind the closing bracket. */
  readonly end: number
}

/**
 * Reads `[[cells], [cells], …]` out of the bytes of a JSON text: numbers, rounded as `Number()` rounds, `null` for NaN, `"inf"` and `"-inf"`.
 * @param from index of the first bracket
 * @param nColumns cells of every row
 * @returns undefined when anything else stands there
 */
export function scanCells(text: Buffer, from: number, nColumns: number): Cells | undefined {
  if (text[from] !== Code.OpenBracket) return undefined
  const view = new DataView(text.buffer, text.byteOffset, text.byteLength)
  let values = new Float64Array(nColumns)
  let nRows = 0
  let at = from
  do {
    at = skipSpace(text, at + 1)
    if (text[at] !== Code.OpenBracket) return undefined
    if ((nRows + 1) * nColumns > values.length) values = grown(values, nRows * nColumns)
    at = scanRow(text, view, at + 1, values, nRows * nColumns, nColumns)
    if (at < 0) return undefined
    nRows++
    at = skipSpace(text, at)
  } while (text[at] === Code.Comma)
  if (text[at] !== Code.CloseBracket) return undefined
  const filled = nRows * nColumns
  return { values: values.length === filled ? values : values.slice(0, filled), nRows, end: at + 1 }
}

function grown(values: Float64Array, filled: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * filled)
  larger.set(values)
  return larger
}

/** Returns the index behind the row's closing bracket; −1 when it is no row of so many cells. */
function scanRow(text: Buffer, view: DataView, from: number, out: Float64Array, offset: number, nColumns: number): number {
  const lastFour = text.length - 4
  let four: number
  let at = skipSpace(text, from)
  for (let column = 0; column < nColumns; column++) {
    let code = text[at]!
    if (code === Code.LetterN) {
      if (at > lastFour || view.getInt32(at, true) !== NULL) return -1
      out[offset + column] = NaN
      at += 4
    } else if (code === Code.Quote) {
      const isNegative = text[at + 1] === Code.Minus
      const length = isNegative ? 6 : 5
      if (text.toString('latin1', at, at + length) !== (isNegative ? '"-inf"' : '"inf"')) return -1
      out[offset + column] = isNegative ? -Infinity : Infinity
      at += length
    } else {
      const numberFrom = at
      // 1 or 0 without a branch, which a processor would guess wrong for every second feature.
      const minus = ((code ^ Code.Minus) - 1) >>> 31
      at += minus
      code = text[at]!
      const digitsFrom = at
      // Eight digits that count, then nine: each part, and the first times 10^9, is exact. Leading zeros do not count.
      let high = 0
      let low = 0
      let nDigits = 0
      let digit = code - Code.Zero
      for (; digit >>> 0 < 10; digit = text[++at]! - Code.Zero) {
        if (nDigits < 8) high = Math.imul(high, 10) + digit
        // Stays below 2^30 as long as it is used: beyond 17 digits the text is read again.
        else low = (Math.imul(low, 10) + digit) | 0
        if (nDigits > 0 || digit > 0) nDigits++
      }
      const nWhole = at - digitsFrom
      if (nWhole === 0 || (nWhole > 1 && text[digitsFrom] === Code.Zero)) return -1
      let power = 0
      if (digit === Code.Point - Code.Zero) {
        const fractionFrom = ++at
        digit = text[at]! - Code.Zero
        if (nDigits === 0) while (digit === 0) digit = text[++at]! - Code.Zero
        // Four at a time while they fit: a row of 440 numbers takes 24 µs instead of 30.
        for (; nDigits <= 4 && at <= lastFour && areDigits((four = view.getInt32(at, true))); at += 4, nDigits += 4)
          high = Math.imul(high, 10_000) + toNumber(four)
        for (digit = text[at]! - Code.Zero; nDigits < 8 && digit >>> 0 < 10; digit = text[++at]! - Code.Zero, nDigits++)
          high = Math.imul(high, 10) + digit
        for (; nDigits >= 8 && nDigits <= 13 && at <= lastFour && areDigits((four = view.getInt32(at, true))); at += 4, nDigits += 4)
          low = Math.imul(low, 10_000) + toNumber(four)
        for (digit = text[at]! - Code.Zero; nDigits < 17 && digit >>> 0 < 10; digit = text[++at]! - Code.Zero, nDigits++)
          low = Math.imul(low, 10) + digit
        for (; digit >>> 0 < 10; digit = text[++at]! - Code.Zero) nDigits++
        power = at - fractionFrom
        if (power === 0) return -1
      }
      code = text[at]!
      if (code === Code.LetterE || code === Code.UpperE) {
        const end = exponentEnd(text, at + 1)
        if (end < 0) return -1
        power -= exponentOf(text, at + 1, end)
        at = end
      }
      if (nDigits > 17 || power < 0 || power > 22) {
        out[offset + column] = Number(text.toString('latin1', numberFrom, at))
      } else {
        const scaled = nDigits > 8 ? high * powersOfTen[nDigits - 8]! : high
        const sum = scaled + low
        // Up to 15 digits are exact, and one division rounds once. With more the sum has lost something: divide that as well.
        out[offset + column] = sum / powersOfTen[power]!
        if (nDigits > 15 && !correct(out, offset + column, sum, low - (sum - scaled), power)) {
          out[offset + column] = Number(text.toString('latin1', digitsFrom, at))
        }
        out[offset + column]! *= 1 - 2 * minus
      }
    }
    if (text[at]! <= Code.Space) at = skipSpace(text, at)
    if (column === nColumns - 1) return text[at] === Code.CloseBracket ? at + 1 : -1
    if (text[at] !== Code.Comma) return -1
    at++
    if (text[at]! <= Code.Space) at = skipSpace(text, at)
  }
  return -1
}

/** Whether four bytes, the first one lowest, are digits: 0x30 to 0x39 each, so that adding 6 carries nowhere. */
function areDigits(four: number): boolean {
  return ((four & 0xf0f0f0f0) | (((four + 0x06060606) & 0xf0f0f0f0) >>> 4)) === 0x33333333
}

/** The number that four digits are: in pairs, then together. */
function toNumber(four: number): number {
  const digits = four & 0x0f0f0f0f
  const pairs = Math.imul(digits, 10) + (digits >>> 8)
  return Math.imul(pairs & 0xff, 100) + ((pairs >>> 16) & 0xff)
}

/**
 * Makes of sum / 10^power, rounded, at `place` of `out` (sum + rest) / 10^power, rounded once. Doubles go through the array, because one that a
 * function returns is garbage.
 * @param rest what the sum lost, exactly
 * @returns false when it lies too close to the middle between two doubles to tell
 */
function correct(out: Float64Array, place: number, sum: number, rest: number, power: number): boolean {
  const quotient = out[place]!
  const divisor = powersOfTen[power]!
  // quotient × divisor = product + lost, exactly (Dekker 1971, "A floating-point technique for extending the available precision").
  const product = quotient * divisor
  const split = SPLITTER * quotient
  const upper = split - (split - quotient)
  const lower = quotient - upper
  const divisorUpper = powersUpper[power]!
  const divisorLower = powersLower[power]!
  const lost = upper * divisorUpper - product + upper * divisorLower + lower * divisorUpper + lower * divisorLower
  const correction = (sum - product - lost + rest) * inverses[power]!
  // The correction is off by a few units of 2^−53 of itself; where that could matter, it is not used.
  out[place] = quotient + correction * (1 + DOUBT)
  return out[place] === quotient + correction * (1 - DOUBT)
}

/** `null`, the first byte lowest. */
const NULL = 0x6c6c756e

const DOUBT = 2 ** -48
const SPLITTER = 2 ** 27 + 1
const inverses = powersOfTen.map((power) => 1 / power)
const powersUpper = powersOfTen.map((power) => SPLITTER * power - (SPLITTER * power - power))
const powersLower = powersOfTen.map((power, k) => power - powersUpper[k]!)

function exponentOf(text: Buffer, from: number, end: number): number {
  return Number(text.toString('latin1', from, end))
}

/** Characters; an enum for the reason given in scan-columns.ts. */
const enum Code {
  Space = 0x20,
  Quote = 0x22,
  Comma = 0x2c,
  Minus = 0x2d,
  Point = 0x2e,
  Zero = 0x30,
  UpperE = 0x45,
  OpenBracket = 0x5b,
  CloseBracket = 0x5d,
  LetterE = 0x65,
  LetterN = 0x6e,
}
