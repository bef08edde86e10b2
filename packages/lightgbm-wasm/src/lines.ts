import { ModelFormatError } from './model-format-error.js'

const NEWLINE = 10
const RETURN = 13

/** One line of a file: its place, and its text when asked for. Owns nothing. */
export interface Line {
  /** Line of the file, from 1. */
  readonly number: number
  readonly start: number
  /** Where the next line starts. */
  readonly next: number
  /** Whether the line begins with the text (ASCII). */
  startsWith(prefix: string): boolean
  /** The line without its end; UTF-8. Lines end in LF or CRLF. */
  text(): string
}

// 1 MB lines hold some 30,000 feature names; whoever has more may wait.
const LONGEST_LINE = 1 << 26

/** The lines of `bytes` from `start` on, which is the start of line `number`. */
export function* lines(bytes: Uint8Array, start: number, number: number): Generator<Line, void> {
  for (let next: number; start < bytes.length; start = next, number++) {
    const newline = bytes.indexOf(NEWLINE, start)
    next = newline < 0 ? bytes.length : newline + 1
    yield line(bytes, number, start, newline < 0 ? bytes.length : newline, next)
  }
}

function line(bytes: Uint8Array, number: number, start: number, end: number, next: number): Line {
  if (end > start && bytes[end - 1] === RETURN) end--
  return {
    number,
    start,
    next,
    startsWith(prefix) {
      if (end - start < prefix.length) return false
      for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix.charCodeAt(i)) return false
      return true
    },
    text() {
      if (end - start > LONGEST_LINE) throw new ModelFormatError('too-large', number, `expected a line of at most ${LONGEST_LINE} bytes`)
      let text: string
      try {
        text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(start, end))
      } catch {
        throw new ModelFormatError('unexpected-line', number, 'expected UTF-8')
      }
      // LightGBM takes it for the end of a line.
      if (text.includes('\r'))
        throw new ModelFormatError('unexpected-line', number, 'expected LF or CRLF at the end of lines, found a lone CR')
      return text
    },
  }
}
