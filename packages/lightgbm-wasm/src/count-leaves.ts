const EQUALS = 61
const NEWLINE = 10
const ZERO = 48
/** Longest first line of a tree. */
const LONGEST_NUMBER_LINE = 16
// A leaf takes two bytes in leaf_value at least, and eight in the arrays of its node.
const LEAST_TEXT = 10

/**
 * Leaves of all trees as their first lines say, so that room can be made for them at once; 0 when `treeSizes` does not lead from tree to tree.
 * Nothing is trusted to it: trees are read and checked later.
 */
export function countLeaves(bytes: Uint8Array, treesStart: number, treeSizes: readonly number[]): number {
  let leaves = 0
  let at = treesStart
  for (const size of treeSizes) {
    // Tree=17, then num_leaves=31
    const line = at + bytes.subarray(at, at + LONGEST_NUMBER_LINE).indexOf(NEWLINE) + 1
    if (!(size > LONGEST_NUMBER_LINE) || bytes[at + 4] !== EQUALS || line === at || bytes[line + 10] !== EQUALS) return 0
    const count = wholeNumber(bytes, line + 11)
    leaves += count * LEAST_TEXT <= size ? count : 1
    at += size
  }
  return at <= bytes.length ? leaves : 0
}

/** Of the digits at `at`. */
function wholeNumber(bytes: Uint8Array, at: number): number {
  let value = 0
  for (; at < bytes.length; at++) {
    const digit = (bytes[at] ?? 0) - ZERO
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  return value
}
