import { jsonPointer } from './json-pointer.js'
import { shorten } from './shorten.js'

/**
 * The first name that one object of a JSON text has twice, as a JSON pointer: JSON.parse keeps the last value and says nothing.
 * Columns and rows of candles cost a few searches for quotes, only records are read through.
 * @param text valid JSON
 */
export function findDuplicateName(text: string): string | undefined {
  return allNamesDiffer(text) ? undefined : readThrough(text)
}

/** Beyond this a set of all names costs more than one per object. */
const mostNames = 1_000

/** True when no name stands twice in the whole text, whatever the object; false also when that is not quickly told. */
function allNamesDiffer(text: string): boolean {
  const names = new Set<string>()
  for (let from = text.indexOf('"'); from >= 0;) {
    const end = stringEnd(text, from)
    if (isName(text, end)) {
      const name = text.slice(from + 1, end)
      if (names.has(name) || name.includes('\\') || names.size === mostNames) return false
      names.add(name)
    }
    from = text.indexOf('"', end + 1)
  }
  return true
}

function readThrough(text: string): string | undefined {
  const levels: Level[] = []
  let level: Level | undefined
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = stringEnd(text, at)
        if (level?.names !== undefined && isName(text, end)) {
          const written = text.slice(at + 1, end)
          level.name = written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written
          if (Array.isArray(level.names) && level.names.length === 32) level.names = new Set(level.names)
          if (isKnown(level.names, level.name))
            return jsonPointer(levels.map(({ name, index }) => (name === undefined ? index : shorten(name))))
        }
        at = end
        break
      }
      case COMMA:
        level!.index++
        break
      case OPEN_BRACE:
        levels.push((level = { names: [], name: undefined, index: 0 }))
        break
      case OPEN_BRACKET:
        levels.push((level = { names: undefined, name: undefined, index: 0 }))
        break
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        levels.pop()
        level = levels.at(-1)
    }
  }
  return undefined
}

/** One object or list that is open: the names of an object so far, the name or index of the member being read. */
interface Level {
  names: string[] | Set<string> | undefined
  name: string | undefined
  index: number
}

/** Whether a name was there; remembers it. A list is faster for the few names of a record, many names need a set. */
function isKnown(names: string[] | Set<string>, name: string): boolean {
  if (names instanceof Set) {
    const before = names.size
    return names.add(name).size === before
  }
  if (names.includes(name)) return true
  names.push(name)
  return false
}

/** Whether the string that ends at `end` names a member: a colon follows. */
function isName(text: string, end: number): boolean {
  let at = end + 1
  let code = text.charCodeAt(at)
  while (code === 0x20 || (code >= 0x09 && code <= 0x0d)) code = text.charCodeAt(++at)
  return code === COLON
}

/** Index of the quote that ends the string which begins at `from`. */
function stringEnd(text: string, from: number): number {
  let at = text.indexOf('"', from + 1)
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1)
  return at
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
