const NEWLINE = 10
const RETURN = 13
/** Bytes between two looks at the clock: some tenths of a millisecond. */
const STEP = 1 << 17
/** What a line costs whoever reads it, in bytes. */
const LINE_COST = 256

/** Where one line of a file lies. */
export interface Line {
  /** Line of the file, from 1. */
  readonly number: number
  readonly start: number
  /** Where its text ends: before LF or CRLF. */
  readonly end: number
}

/**
 * The lines of `bytes` from `start` on, which is the start of line `number`, without those that are empty.
 * Undefined comes now and then in between, also while one long line is looked through: time to look at the clock.
 */
export function* lines(bytes: Uint8Array, start: number, number: number): Generator<Line | undefined, void> {
  let left = STEP
  let at = start
  while (at < bytes.length) {
    // Empty lines cost a comparison per byte and nothing else.
    const from = at
    for (const limit = Math.min(at + left, bytes.length); at < limit; number++) {
      if (bytes[at] === NEWLINE) at++
      else if (bytes[at] === RETURN && bytes[at + 1] === NEWLINE) at += 2
      else break
    }
    left -= at - from
    if (left > 0 && at < bytes.length) {
      const begin = at
      let newline: number
      while ((newline = bytes.subarray(at, at + STEP).indexOf(NEWLINE)) < 0 && at + STEP < bytes.length) {
        at += STEP
        yield undefined
      }
      const end = newline < 0 ? bytes.length : at + newline
      at = newline < 0 ? end : end + 1
      yield { number, start: begin, end: end > begin && bytes[end - 1] === RETURN ? end - 1 : end }
      number++
      left -= Math.min(at - begin, STEP) + LINE_COST
    }
    if (left <= 0) {
      left = STEP
      yield undefined
    }
  }
}

/** Whether the text (ASCII) stands at the beginning of a line or another part. */
export function startsWith(bytes: Uint8Array, { start, end }: Pick<Line, 'start' | 'end'>, prefix: string): boolean {
  if (end - start < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix.charCodeAt(i)) return false
  return true
}
