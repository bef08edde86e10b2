import { ModelFormatError } from './model-format-error.js'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A part of line `line` as text.
 * @param longest bytes; a millisecond is enough for a megabyte
 */
export function decodeText(bytes: Uint8Array, start: number, end: number, line: number, longest: number): string {
  if (end - start > longest) throw new ModelFormatError('too-large', line, `expected a value of at most ${longest} bytes`)
  let text: string
  try {
    text = decoder.decode(bytes.subarray(start, end))
  } catch {
    throw new ModelFormatError('unexpected-line', line, 'expected UTF-8')
  }
  if (text.includes('\r')) throw loneReturn(line)
  return text
}

/** LightGBM takes it for the end of a line. */
export function loneReturn(line: number): ModelFormatError {
  return new ModelFormatError('unexpected-line', line, 'expected LF or CRLF at the end of lines, found a lone CR')
}
