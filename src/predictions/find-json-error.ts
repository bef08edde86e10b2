export interface JsonError {
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  /** The first characters there, at most 12; empty at the end of the text. */
  readonly found: string
}

const blank = /[ \t\n\r]*/y
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y
// eslint-disable-next-line no-control-regex -- JSON has them only escaped
const characters = /[^"\\\u0000-\u001f]*/y
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/**
 * Short numbers and strings of a list, each with its comma, many at once: millions of them one by one took a second. The repetitions are
 * bounded, because the engine remembers every one.
 */
// eslint-disable-next-line no-control-regex -- JSON has them only escaped
const elements = /(?:(?:-?(?:0|[1-9]\d{0,20})(?:\.\d{1,20})?|"[^"\\\u0000-\u001f]{0,40}")[ \t\n\r]{0,4},[ \t\n\r]{0,4}){1,500}/y

/**
 * Where a text stops being JSON: V8 names the place of only some of its errors. Runs after a failed JSON.parse, in one pass
 * and without recursion.
 */
export function findJsonError(text: string): JsonError {
  const open: ('{' | '[')[] = []
  let at = 0
  let isInString = false
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const matched = pattern.test(text)
    if (matched) at = pattern.lastIndex
    return matched
  }
  const take = (character: string): boolean => {
    skip(blank)
    if (text[at] !== character) return false
    at++
    return true
  }
  const skipString = (): boolean => {
    at++
    do skip(characters)
    while (skip(escaped))
    isInString = text[at] !== '"'
    if (!isInString) at++
    return !isInString
  }
  const takeName = (): boolean => {
    skip(blank)
    return text[at] === '"' && skipString() && take(':')
  }

  for (;;) {
    while (open.at(-1) === '[' && skip(elements));
    // A value stands here.
    let isEmpty = false
    if (take('{')) {
      if (take('}')) isEmpty = true
      else if (takeName()) {
        open.push('{')
        continue
      } else break
    } else if (take('[')) {
      if (take(']')) isEmpty = true
      else {
        open.push('[')
        continue
      }
    }
    if (!isEmpty && !(text[at] === '"' ? skipString() : skip(scalar))) break
    // What can follow it.
    while (open.length > 0 && take(open.at(-1) === '{' ? '}' : ']')) open.pop()
    if (open.length === 0 || !take(',')) break
    if (open.at(-1) === '{' && !takeName()) break
  }
  if (!isInString) skip(blank)
  const before = text.slice(0, at)
  const lastLine = before.lastIndexOf('\n')
  let line = 1
  for (let end = before.indexOf('\n'); end >= 0; end = before.indexOf('\n', end + 1)) line++
  return { line, column: at - lastLine, found: text.slice(at, at + 12) }
}
