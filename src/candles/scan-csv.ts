import { invalidAt } from '../errors.js'
import { parseDecimal } from './parse-decimal.js'

/** Walks the cells of a CSV text, line by line. What it tells is about the cell that `next` moved to. */
export interface CsvCells {
  /** Moves on by one cell; false at the end of the text, where blank lines do not count. */
  next(): boolean
  /** The cell without its quotes and without blanks around it. */
  text(): string
  /** The cell as `parseDecimal` reads it. */
  number(): number
  isLastInLine(): boolean
  /** Line on which the cell begins; the first is 1. */
  line(): number
}

/**
 * Cells by RFC 4180: commas between, quotes around cells that hold commas, quotes or line ends; lines end in LF or CRLF. A byte order mark is skipped.
 * @throws Problem `invalid-request` from `next` where quotes do not match
 */
export function scanCsv(text: string): CsvCells {
  let at = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0
  let nextLine = 1
  let line = 1
  let from = at
  let to = at
  let unquoted: string | undefined
  let last = true

  function next(): boolean {
    if (last && isBlank(text, at)) return false
    line = nextLine
    while (isSpace(text.charCodeAt(at))) at++
    from = at
    unquoted = text.charCodeAt(at) === QUOTE ? quoted() : undefined
    const end = at
    let code = text.charCodeAt(at)
    while (at < text.length && code !== COMMA && code !== LF) code = text.charCodeAt(++at)
    to = at
    while (to > from && isSpace(text.charCodeAt(to - 1))) to--
    if (unquoted !== undefined && to > end) throw invalidAt(`line ${nextLine}`, 'a cell goes on after its closing quote')
    last = at >= text.length || code === LF
    if (code === LF) nextLine++
    at++
    return true
  }

  /** Moves behind the closing quote. */
  function quoted(): string {
    for (let end = at + 1; ; end += 2) {
      end = text.indexOf('"', end)
      if (end < 0) throw invalidAt(`line ${line}`, 'a quote is not closed')
      if (text.charCodeAt(end + 1) === QUOTE) continue
      const inside = text.slice(at + 1, end)
      at = end + 1
      nextLine += inside.split('\n').length - 1
      return inside.replaceAll('""', '"')
    }
  }

  return {
    next,
    text: () => unquoted?.trim() ?? text.slice(from, to),
    number: () => (unquoted === undefined ? parseDecimal(text, from, to) : parseDecimal(unquoted.trim(), 0, unquoted.trim().length)),
    isLastInLine: () => last,
    line: () => line,
  }
}

function isBlank(text: string, from: number): boolean {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== LF && !isSpace(code)) return false
  }
  return true
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d
}

const LF = 0x0a
const QUOTE = 0x22
const COMMA = 0x2c
const BYTE_ORDER_MARK = 0xfeff
