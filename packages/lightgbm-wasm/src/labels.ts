import type { Breather } from './breather.js'
import { decodeText } from './decode-text.js'
import { ModelFormatError } from './model-format-error.js'

const [QUOTE, BACKSLASH, COMMA, OPEN, CLOSE, OPEN_BRACE, CLOSE_BRACE, SPACE, TAB] = Array.from('"\\,[]{} \t', (each) => each.charCodeAt(0))
/** Bytes of labels that are read at once: some tenths of a millisecond. */
const PIECE = 1 << 14
/** Bytes of labels that no comma divides. */
const LONGEST_LABEL = 1 << 20

/**
 * Reads the JSON that Python wrote between `start` and `end`, on line `line`: null or a list of lists. Python also writes NaN, Infinity and
 * -Infinity, which are numbers here. Whole numbers beyond 2^53 come as bigint, as a number would be another one.
 */
export async function parseLabels(
  bytes: Uint8Array,
  start: number,
  end: number,
  line: number,
  pause: Breather,
): Promise<unknown[][] | null> {
  let at = start
  skipSpace()
  if (bytes[at] !== OPEN) {
    if (decodeText(bytes, at, end, line, LONGEST_LABEL).trim() === 'null') return null
    throw wrong(line)
  }
  const lists: unknown[][] = []
  at++
  skipSpace()
  if (at < end && bytes[at] !== CLOSE) {
    for (; ; at++) {
      skipSpace()
      lists.push(await readList())
      skipSpace()
      if (at >= end || bytes[at] !== COMMA) break
    }
  }
  if (at >= end || bytes[at] !== CLOSE) throw wrong(line)
  at++
  skipSpace()
  if (at !== end) throw wrong(line)
  return lists

  function skipSpace(): void {
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++
  }

  /** The list that starts at `at`, in pieces that end at commas. */
  async function readList(): Promise<unknown[]> {
    if (at >= end || bytes[at] !== OPEN) throw wrong(line)
    const labels: unknown[] = []
    let from = ++at
    let comma = -1
    let depth = 0
    let inString = false
    for (; at < end; at++) {
      const byte = bytes[at]
      if (inString) {
        if (byte === BACKSLASH) at++
        else if (byte === QUOTE) inString = false
      } else if (byte === QUOTE) inString = true
      else if (byte === OPEN || byte === OPEN_BRACE) depth++
      else if (depth > 0 && (byte === CLOSE || byte === CLOSE_BRACE)) depth--
      else if (byte === CLOSE) {
        if (from < at || labels.length > 0) append(labels, from, at)
        at++
        return labels
      } else if (byte === COMMA && depth === 0) comma = at
      if (at - from >= PIECE && comma > from) {
        append(labels, from, comma)
        from = comma + 1
        if (pause.due()) await pause.breathe()
      } else if (at - from > LONGEST_LABEL)
        throw new ModelFormatError('too-large', line, `expected labels of at most ${LONGEST_LABEL} bytes`)
    }
    throw wrong(line)
  }

  function append(labels: unknown[], from: number, to: number): void {
    const text = decodeText(bytes, from, to, line, LONGEST_LABEL + PIECE)
    const values = parsePiece(text, line)
    for (const value of values) labels.push(value)
  }
}

function parsePiece(text: string, line: number): unknown[] {
  try {
    // Mostly there is nothing that JSON does not know.
    if (!/\d{16}|NaN|Infinity/.test(text)) return JSON.parse(`[${text}]`) as unknown[]
    return JSON.parse(`[${text.replace(tokens, tagged)}]`, untagged) as unknown[]
  } catch {
    throw wrong(line)
  }
}

/** Strings, keys of objects, numbers and words. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d[\d.eE+-]*|-?[A-Za-z]+/g

/** What JSON.parse would refuse or round becomes a string that begins with `n` or `i`, other strings begin with `s`. */
function tagged(token: string, colon: string | undefined): string {
  if (token.startsWith('"')) return colon === undefined ? `"s${token.slice(1)}` : token
  if (token === 'NaN' || token === 'Infinity' || token === '-Infinity') return `"n${token}"`
  return /^-?[1-9]\d*$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"i${token}"` : token
}

function untagged(_key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  const rest = value.slice(1)
  return value.startsWith('s') ? rest : value.startsWith('n') ? Number(rest) : BigInt(rest)
}

function wrong(line: number): ModelFormatError {
  return new ModelFormatError('unexpected-line', line, 'expected null or a list of lists as JSON after pandas_categorical:')
}
