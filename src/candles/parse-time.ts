import { parseDecimal } from './parse-decimal.js'

/** Numbers are read as milliseconds only between these two, both included: 2000-01-01 and 2100-01-01, UTC. */
export const earliestMs = Date.UTC(2000, 0, 1)
export const latestMs = Date.UTC(2100, 0, 1)

/**
 * Epoch milliseconds UTC of a text: ISO 8601 (`2024-03-01T00:00:00Z`, with an offset, without one = UTC, or a date alone),
 * `YYYY-MM-DD HH:MM:SS`, or epoch milliseconds in digits. NaN for everything else: dates that do not exist, digits that as
 * milliseconds lie outside 2000–2100 (see `whyNoTime`).
 */
export function parseTime(text: string): number {
  if (text.charCodeAt(4) === DASH && text.charCodeAt(7) === DASH) return parseIso(text)
  return inRange(parseDecimal(text, 0, text.length))
}

/** The number itself where it lies, as epoch milliseconds, between 2000 and 2100; NaN elsewhere. */
export function inRange(epochMs: number): number {
  return epochMs >= earliestMs && epochMs <= latestMs ? epochMs : NaN
}

/** Says why a cell is no time, with a guess at its unit where there is one. */
export function whyNoTime(cell: unknown): string {
  const value = typeof cell === 'number' ? cell : typeof cell === 'string' ? parseDecimal(cell, 0, cell.length) : NaN
  if (Number.isNaN(value)) return 'is no time: epoch milliseconds, ISO 8601 or YYYY-MM-DD HH:MM:SS (no offset = UTC) is expected'
  const unit = units.find(({ perMs }) => !Number.isNaN(inRange(value / perMs)))
  const hint = unit === undefined ? '' : `; it looks like ${unit.name}, ${unit.advice}`
  return `lies outside 2000 to 2100 when read as epoch milliseconds${hint}`
}

const units = [
  { name: 'seconds', perMs: 1e-3, advice: 'multiply by 1000' },
  { name: 'microseconds', perMs: 1e3, advice: 'divide by 1000' },
  { name: 'nanoseconds', perMs: 1e6, advice: 'divide by 1000000' },
]

/** `YYYY-MM-DD`, then `T` or one space, `HH:MM`, `:SS`, `.fraction`, then `Z` or an offset; each part needs those before it. */
function parseIso(text: string): number {
  const length = text.length
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 2)
  const day = digits(text, 8, 2)
  const midnight = dayStart(year, month, day)
  if (length === 10) return midnight

  const separator = text.charCodeAt(10)
  if (separator !== LETTER_T && separator !== SPACE && separator !== LETTER_T + 0x20) return NaN
  const hour = digits(text, 11, 2)
  const minute = text.charCodeAt(13) === COLON ? digits(text, 14, 2) : NaN
  if (!(hour <= 23 && minute <= 59)) return NaN
  let at = 16
  let ms = 0
  if (text.charCodeAt(at) === COLON) {
    const second = digits(text, at + 1, 2)
    if (!(second <= 59)) return NaN
    ms = second * 1000
    at += 3
    if (text.charCodeAt(at) === POINT) {
      const from = ++at
      let microseconds = 0
      for (let scale = 100_000; isDigit(text.charCodeAt(at)) && at < from + 6; at++, scale /= 10)
        microseconds += (text.charCodeAt(at) - ZERO) * scale
      if (at === from) return NaN
      // A float64 holds nothing finer. What lies between two milliseconds stays between them: rounded up to the second it would be another bar.
      const microsecondsEnd = at
      while (isDigit(text.charCodeAt(at))) at++
      if (at > microsecondsEnd && microseconds % 1000 === 0 && /[1-9]/.test(text.slice(microsecondsEnd, at))) microseconds++
      ms += microseconds / 1000
    }
  }
  return midnight + hour * 3_600_000 + minute * 60_000 + ms - offset(text, at)
}

/** Milliseconds that local time is ahead of UTC: nothing or `Z` = 0, `+02:00`, `+0200`, `+02`; NaN for everything else. */
function offset(text: string, from: number): number {
  const rest = text.length - from
  if (rest === 0) return 0
  const sign = text.charCodeAt(from)
  if (rest === 1) return sign === LETTER_Z || sign === LETTER_Z + 0x20 ? 0 : NaN
  if (sign !== PLUS && sign !== DASH) return NaN
  const hours = digits(text, from + 1, 2)
  const minutes =
    rest === 3
      ? 0
      : rest === 5
        ? digits(text, from + 3, 2)
        : rest === 6 && text.charCodeAt(from + 3) === COLON
          ? digits(text, from + 4, 2)
          : NaN
  if (!(hours <= 23 && minutes <= 59)) return NaN
  return (sign === PLUS ? 1 : -1) * (hours * 3_600_000 + minutes * 60_000)
}

/** Epoch milliseconds of a date's midnight, NaN when the calendar has no such date (`Date.UTC` would roll over, and reads years below 100 as 19xx). */
function dayStart(year: number, month: number, day: number): number {
  if (!(year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return NaN
  const ms = Date.UTC(year, month - 1, day)
  return day > 28 && new Date(ms).getUTCDate() !== day ? NaN : ms
}

function digits(text: string, from: number, count: number): number {
  let value = 0
  for (let at = from; at < from + count; at++) {
    const code = text.charCodeAt(at)
    if (!isDigit(code)) return NaN
    value = value * 10 + (code - ZERO)
  }
  return value
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9
}

const SPACE = 0x20
const PLUS = 0x2b
const DASH = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const COLON = 0x3a
const LETTER_T = 0x54
const LETTER_Z = 0x5a
