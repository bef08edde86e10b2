/* eslint-disable @typescript-eslint/no-unsafe-enum-comparison -- bytes are compared with characters, see Code */
import { type Column, columnOf, columns } from './column.js'
import { exponentEnd } from './exponent-end.js'
import { powersOfTen } from './parse-decimal.js'
import { earliestMs, latestMs } from './parse-time.js'
import { skipSpace } from './skip-space.js'
import { type Submission, submit } from './submission.js'

/**
 * Reads `{"timestamp": [numbers], "open": [numbers], …}` out of the bytes of a JSON text, straight into columns.
 * @param from index of the brace
 * @returns the bars and the index behind the closing brace; undefined when it is not six columns of equally many JSON numbers
 * with times between 2000 and 2100: then `parseCandles` finds what is wrong, or right all the same
 */
export function scanColumns(text: Buffer, from: number): { submission: Submission; end: number } | undefined {
  const cells: Partial<Record<Column, Float64Array>> = {}
  const keys: Partial<Record<Column, string>> = {}
  let nBars = 0
  let at = from
  for (const [nth] of columns.entries()) {
    at = skipSpace(text, at + 1)
    if (text[at] !== Code.Quote) return undefined
    const nameEnd = text.indexOf(Code.Quote, at + 1)
    const key = text.toString('latin1', at + 1, Math.min(nameEnd, at + 20))
    const column = columnOf(key)
    if (column === undefined || column in cells) return undefined
    at = skipSpace(text, nameEnd + 1)
    if (text[at] !== Code.Colon) return undefined
    at = skipSpace(text, at + 1)
    if (text[at] !== Code.OpenBracket) return undefined

    const close = text.indexOf(Code.CloseBracket, at)
    if (close < 0) return undefined
    const room = new Float64Array(nth === 0 ? (close - at) >> 1 : nBars)
    const count = scanNumbers(text, at + 1, close, room)
    if (nth === 0) nBars = count
    if (count <= 0 || count !== nBars) return undefined
    cells[column] = nth === 0 ? room.slice(0, nBars) : room
    keys[column] = key
    at = skipSpace(text, close + 1)
    if (text[at] !== (nth < columns.length - 1 ? Code.Comma : Code.CloseBrace)) return undefined
  }
  const bars = cells as Record<Column, Float64Array>
  for (const ms of bars.timestamp) if (!(ms >= earliestMs && ms <= latestMs)) return undefined
  return { submission: submit(bars, (bar, column) => `/candles/${keys[column]}/${bar}`), end: at + 1 }
}

/**
 * Reads JSON numbers with commas between from `from` to `end`, rounded as `Number()` rounds.
 * @returns how many there are; −1 when something else stands there, or more than `out` holds
 */
function scanNumbers(text: Buffer, from: number, end: number, out: Float64Array): number {
  const powers = powersOfTen
  let at = skipSpace(text, from)
  for (let count = 0; count < out.length; count++) {
    let code = text[at]!
    const negative = code === Code.Minus
    if (negative) code = text[++at]!

    const digitsFrom = at
    let mantissa = 0
    let pointAt = -1
    for (;;) {
      const digit = code - Code.Zero
      if (digit >= 0 && digit <= 9) mantissa = mantissa * 10 + digit
      else if (code === Code.Point && pointAt < 0) pointAt = at
      else break
      code = text[++at]!
    }
    const nFraction = pointAt < 0 ? 0 : at - pointAt - 1
    const nWhole = (pointAt < 0 ? at : pointAt) - digitsFrom
    if (nWhole === 0 || (nWhole > 1 && text[digitsFrom] === Code.Zero) || (nFraction === 0) !== pointAt < 0) return -1

    // Exact for the reason given in parse-decimal.ts.
    let value = nFraction === 0 ? mantissa : mantissa / powers[nFraction]!
    if (code === Code.LetterE || code === Code.LetterE - 0x20) {
      const numberEnd = exponentEnd(text, at + 1)
      if (numberEnd < 0) return -1
      value = numberOf(text, digitsFrom, numberEnd)
      at = numberEnd
    } else if (mantissa >= 2 ** 53 || nFraction > 22) {
      value = numberOf(text, digitsFrom, at)
    }
    out[count] = negative ? -value : value

    if (text[at]! <= Code.Space) at = skipSpace(text, at)
    if (at === end) return count + 1
    if (text[at] !== Code.Comma) return -1
    at++
    if (text[at]! <= Code.Space) at = skipSpace(text, at)
  }
  return -1
}

/** What `Number()` makes of a number that is too long, or has an exponent. */
function numberOf(text: Buffer, from: number, to: number): number {
  return Number(text.toString('latin1', from, to))
}

/** Characters. An enum, because the compiler writes its numbers into the loop over the digits: with constants it took twice as long. */
const enum Code {
  Space = 0x20,
  Quote = 0x22,
  Comma = 0x2c,
  Minus = 0x2d,
  Point = 0x2e,
  Zero = 0x30,
  Colon = 0x3a,
  OpenBracket = 0x5b,
  CloseBracket = 0x5d,
  LetterE = 0x65,
  CloseBrace = 0x7d,
}
