import { Problem } from '../errors.js'

/** A frame as records has three levels; what is ignored in it may have more. */
const maxLevels = 32
/** Hourly candles of 34 years, each a record of its own. */
const maxContainers = 300_000
const maxNames = 1_000
const maxNameLength = 200
/** All records of a frame share their names; a million different ones took JSON.parse two seconds. */
const maxDifferentNames = 2_000

/**
 * Refuses text of shapes that nobody needs: JSON.parse, and what walks its value, take seconds for millions of objects, lists and names.
 * One pass, 0.1 ms for 100 kB; what is inside strings does not count. Text that is no JSON passes, or is refused for its shape.
 * @throws Problem `invalid-request`
 */
export function refuseLargeShapes(text: string): void {
  const namesAt = new Uint32Array(maxLevels + 1)
  let level = 0
  let containers = 0
  let names = 0
  let differentNames: NameCounter | undefined
  let stringFrom = 0
  let stringEnd = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = closingQuote(text, at)
        if (end < 0) return
        stringFrom = at + 1
        stringEnd = at = end
        break
      }
      case COLON:
        // Only a name stands before one.
        if (stringEnd - stringFrom > maxNameLength)
          throw tooMuch(`a name has more than ${maxNameLength} characters`, at, { max_name_length: maxNameLength })
        if (++namesAt[level]! > maxNames) throw tooMuch(`an object has more than ${maxNames} names`, at, { max_names: maxNames })
        if (++names > maxDifferentNames) {
          differentNames ??= countNames()
          if (differentNames.add(text, stringFrom, stringEnd) > maxDifferentNames) {
            throw tooMuch(`it holds more than ${maxDifferentNames} different names`, at, { max_different_names: maxDifferentNames })
          }
        }
        break
      case OPEN_BRACKET:
      case OPEN_BRACE:
        if (++level > maxLevels)
          throw tooMuch(`it is nested deeper than ${maxLevels} levels; candles need three`, at, { max_levels: maxLevels })
        if (++containers > maxContainers) {
          throw tooMuch(`it holds more than ${maxContainers} objects and lists; send longer frames as columns`, at, {
            max_containers: maxContainers,
          })
        }
        namesAt[level] = 0
        break
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        // Closed more than was opened: no JSON.
        if (--level < 0) return
    }
  }
}

interface NameCounter {
  /** Takes note of the name from `from` to `end` and says how many different ones there were; two with one hash are one. */
  add(text: string, from: number, end: number): number
}

function countNames(): NameCounter {
  const hashes = new Int32Array(4 * maxDifferentNames)
  let different = 0
  return {
    add(text, from, end) {
      let hash = 1
      for (let at = from; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
      hash ||= 1
      let slot = (hash >>> 0) % hashes.length
      while (hashes[slot] !== 0 && hashes[slot] !== hash) slot = (slot + 1) % hashes.length
      if (hashes[slot] === 0) {
        hashes[slot] = hash
        different++
      }
      return different
    },
  }
}

function tooMuch(why: string, at: number, limits: Record<string, number>): Problem {
  return new Problem('invalid-request', `The body is not read: ${why} (at character ${at + 1}).`, limits)
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
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
