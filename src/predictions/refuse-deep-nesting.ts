import { Problem } from '../errors.js'

/** A frame as records has three levels; what is ignored in it may have more. */
const maxLevels = 32

/**
 * Refuses text that opens more objects and lists inside each other than anybody needs: JSON.parse and what walks its value take seconds
 * for millions of them. One pass, 0.1 ms for 100 kB; what is inside strings does not count.
 * @throws Problem `invalid-request`
 */
export function refuseDeepNesting(text: string): void {
  let level = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = closingQuote(text, at)
      if (at < 0) return
    } else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      if (++level > maxLevels) {
        throw new Problem(
          'invalid-request',
          `The body is nested deeper than ${maxLevels} levels, at character ${at + 1}; candles need three.`,
          {
            max_levels: maxLevels,
          },
        )
      }
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) level--
  }
}

/** Index of the quote that ends the string which begins at `from`; −1 when none does. */
function closingQuote(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at
    if (code === BACKSLASH) at++
  }
  return -1
}

const QUOTE = 0x22
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
