import type { Breather } from './breather.js'
import { loneReturn } from './decode-text.js'

const SPACE = 32
const RETURN = 13
const ZERO = 48
const STEP = 1 << 16
/** No tree is shorter. */
const LEAST_TREE = 16

/** What `tree_sizes` says. */
export interface TreeSizes {
  readonly count: number
  /** Bytes of each tree, NaN for what is no whole number; empty when the file has no room for so many trees. */
  readonly sizes: Float64Array
}

/** Reads the values between `start` and `end`, on line `line`, digit by digit: as many strings would be out of proportion to the file. */
export async function parseTreeSizes(bytes: Uint8Array, start: number, end: number, line: number, pause: Breather): Promise<TreeSizes> {
  const most = bytes.length / LEAST_TREE
  let sizes = new Float64Array(256)
  let count = 0
  let value = 0
  let inWord = false
  for (let from = start; from < end; from += STEP) {
    for (let at = from, to = Math.min(from + STEP, end); at < to; at++) {
      const byte = bytes[at] as number
      if (byte === SPACE) {
        if (inWord) close()
        inWord = false
        continue
      }
      if (byte === RETURN) throw loneReturn(line)
      value = (inWord ? value * 10 : 0) + (byte >= ZERO && byte <= ZERO + 9 ? byte - ZERO : NaN)
      inWord = true
    }
    if (pause.due()) await pause.breathe()
  }
  if (inWord) close()
  return { count, sizes: count <= most ? sizes.slice(0, count) : new Float64Array(0) }

  function close(): void {
    if (count < most) {
      if (count === sizes.length) {
        const longer = new Float64Array(2 * count)
        longer.set(sizes)
        sizes = longer
      }
      sizes[count] = value
    }
    count++
  }
}
