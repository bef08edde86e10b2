import type { Breather } from './breather.js'

const EQUALS = 61
const NEWLINE = 10
const ZERO = 48
/** Longest first line of a tree. */
const LONGEST_NUMBER_LINE = 16
// A leaf takes two bytes in leaf_value at least, and eight in the arrays of its node.
const LEAST_TEXT = 10
/** Trees between two looks at the clock. */
const STEP = 4096

/**
 * Leaves of all trees as their first lines say, so that room can be made for them at once; 0 when `treeSizes` does not lead from tree to tree.
 * Nothing is trusted to it: trees are read and checked later.
 */
export async function countLeaves(bytes: Uint8Array, treesStart: number, treeSizes: Float64Array, pause: Breather): Promise<number> {
  let leaves = 0
  let at = treesStart
  for (let tree = 0; tree < treeSizes.length; tree++) {
    const size = treeSizes[tree] as number
    // Tree=17, then num_leaves=31
    const line = endOfLine(bytes, at)
    if (!(size > LONGEST_NUMBER_LINE) || bytes[at + 4] !== EQUALS || line === at || bytes[line + 10] !== EQUALS) return 0
    const count = wholeNumber(bytes, line + 11)
    leaves += count * LEAST_TEXT <= size ? count : 1
    at += size
    if (tree % STEP === STEP - 1 && pause.due()) await pause.breathe()
  }
  return at <= bytes.length ? leaves : 0
}

/** Where the next line starts; `at` itself when that is too far. */
function endOfLine(bytes: Uint8Array, at: number): number {
  for (let i = at; i < at + LONGEST_NUMBER_LINE; i++) if (bytes[i] === NEWLINE) return i + 1
  return at
}

/** Of the digits at `at`, as many as a number of leaves may have. */
function wholeNumber(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let digits = 0; digits < LONGEST_NUMBER_LINE; digits++, at++) {
    const digit = (bytes[at] ?? 0) - ZERO
    if (!(digit >= 0 && digit <= 9)) break
    value = value * 10 + digit
  }
  return value
}
