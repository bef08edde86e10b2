import { decodeText } from './decode-text.js'

const SPACE = 32
/** Bytes of words that are handed out at once: about a millisecond of work for whoever takes them. */
const PIECE = 1 << 13
/** A feature may have some 150,000 categories, or as many as take 27 ms to read at once; all that is shorter takes less. */
const LONGEST_WORD = 1 << 20

/** The words of a part of line `line`, between single spaces or more, some thousands at a time: a list may be as long as the file. */
export function* words(bytes: Uint8Array, start: number, end: number, line: number): Generator<string[], void> {
  for (let cut: number; start < end; start = cut) {
    cut = start + PIECE < end ? cutBetween(bytes, start, end) : end
    yield decodeText(bytes, start, cut, line, LONGEST_WORD)
      .split(' ')
      .filter((word) => word !== '')
  }
}

/** The last space of the piece, or the end of its only word, as far as that matters. */
function cutBetween(bytes: Uint8Array, start: number, end: number): number {
  let cut = start + PIECE
  while (cut > start && bytes[cut] !== SPACE) cut--
  if (cut > start) return cut
  const limit = Math.min(end, start + LONGEST_WORD + 1)
  for (cut = start + PIECE; cut < limit && bytes[cut] !== SPACE;) cut++
  return cut
}
