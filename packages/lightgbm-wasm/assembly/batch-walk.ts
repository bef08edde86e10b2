import { BATCH_TREE, STEP, batchTrees } from './batch-tables'
import { BYTES, and, bytesOf, or, shiftLeft, shiftRight, xor } from './word'

// Walks one tree with all rows of a block at once, without masks of leaves. Number the leaves from left to right, and let A[j] be
// the rows whose leaf is j or one right of it. A node that has the leaves [low, high) and splits them at `middle` gives
//   A[middle] = A[high] | (A[low] & goes right)
// A[0] is every row, A[leaves] none: one step per node, parents first. Bit b of the row's leaf is the parity of the A[j] that it is
// in, over the multiples j of 2^b. With F[b] = xor of A[j] over the odd multiples of 2^b, that is F[b] ^ F[b + 1] ^ …, so that every
// A[j] is used once. Masks of nodes and or-ing those of leaves into bit planes takes two stores per node and log2(leaves) / 2
// operations per leaf instead.
// A step: u32 address of the condition's bits, u16 offsets of A[low], A[high], A[middle].

/** Rows right of each leaf: A. */
let above: usize = 0
/** F, a word per bit. */
let parity: usize = 0
const PLANES: i32 = 16

export function placeWalk(atLeast: usize, planes: usize): void {
  above = atLeast
  parity = planes
}

/** Bytes that A takes: a multiple of 16 words, and what lies behind the last leaf counts as 0. */
export function bytesOfAbove(leaves: u32): usize {
  return (((<usize>leaves + 15) & ~15) + 1) * BYTES
}

/** The leaves of all rows: their low bytes [rows] at `to`, and their high bytes at `high` when the tree has more than 256. */
// @ts-ignore: decorator
@inline
export function walkBlock(tree: u32, to: usize, high: usize): void {
  if (ASC_FEATURE_SIMD) walkWords<v128>(batchTrees + <usize>tree * BATCH_TREE, to, high)
  else walkWords<u64>(batchTrees + <usize>tree * BATCH_TREE, to, high)
}

function walkWords<T>(tree: usize, to: usize, high: usize): void {
  const leaves = <usize>load<u32>(tree, 12)
  const a = above
  store<T>(a, bytesOf<T>(0xff))
  const end = a + (((leaves + 15) & ~15) << (BYTES == 16 ? 4 : 3))
  for (let at = a + leaves * BYTES; at <= end; at += BYTES) store<T>(at, bytesOf<T>(0))
  let step = <usize>load<u32>(tree)
  for (const last = step + (leaves - 1) * STEP; step < last; step += STEP) {
    const right = and<T>(load<T>(a + <usize>load<u16>(step, 4)), load<T>(<usize>load<u32>(step)))
    store<T>(a + <usize>load<u16>(step, 8), or<T>(load<T>(a + <usize>load<u16>(step, 6)), right))
  }
  if (leaves <= 256) fewLeaves<T>(a, leaves, to)
  else manyLeaves<T>(a, leaves, to, high)
}

// @ts-ignore: decorator
@inline
function fewLeaves<T>(a: usize, leaves: usize, to: usize): void {
  let f0 = bytesOf<T>(0)
  let f1 = bytesOf<T>(0)
  let f2 = bytesOf<T>(0)
  let f3 = bytesOf<T>(0)
  let f4 = bytesOf<T>(0)
  let f5 = bytesOf<T>(0)
  let f6 = bytesOf<T>(0)
  let f7 = bytesOf<T>(0)
  const end = a + leaves * BYTES
  for (let at = a; at < end; at += 16 * BYTES) {
    f0 = xor<T>(f0, xor<T>(xor<T>(load<T>(at, BYTES), load<T>(at, 3 * BYTES)), xor<T>(load<T>(at, 5 * BYTES), load<T>(at, 7 * BYTES))))
    f1 = xor<T>(f1, xor<T>(load<T>(at, 2 * BYTES), load<T>(at, 6 * BYTES)))
    f2 = xor<T>(f2, xor<T>(load<T>(at, 4 * BYTES), load<T>(at, 12 * BYTES)))
    f3 = xor<T>(f3, load<T>(at, 8 * BYTES))
    f0 = xor<T>(f0, xor<T>(xor<T>(load<T>(at, 9 * BYTES), load<T>(at, 11 * BYTES)), xor<T>(load<T>(at, 13 * BYTES), load<T>(at, 15 * BYTES))))
    f1 = xor<T>(f1, xor<T>(load<T>(at, 10 * BYTES), load<T>(at, 14 * BYTES)))
  }
  for (let j: usize = 16; j < leaves; j += 16) {
    const rows = load<T>(a + j * BYTES)
    if ((j & 16) != 0) f4 = xor<T>(f4, rows)
    else if ((j & 32) != 0) f5 = xor<T>(f5, rows)
    else if ((j & 64) != 0) f6 = xor<T>(f6, rows)
    else f7 = xor<T>(f7, rows)
  }
  f6 = xor<T>(f6, f7)
  f5 = xor<T>(f5, f6)
  f4 = xor<T>(f4, f5)
  f3 = xor<T>(f3, f4)
  f2 = xor<T>(f2, f3)
  f1 = xor<T>(f1, f2)
  f0 = xor<T>(f0, f1)
  writeIndices<T>(to, f0, f1, f2, f3, f4, f5, f6, f7)
}

function manyLeaves<T>(a: usize, leaves: usize, to: usize, high: usize): void {
  const f = parity
  for (let b = 0; b < PLANES; b++) store<T>(f + <usize>b * BYTES, bytesOf<T>(0))
  for (let j: usize = 1; j < leaves; j++) {
    const plane = f + ctz(j) * BYTES
    store<T>(plane, xor<T>(load<T>(plane), load<T>(a + j * BYTES)))
  }
  for (let b = PLANES - 2; b >= 0; b--) {
    const plane = f + <usize>b * BYTES
    store<T>(plane, xor<T>(load<T>(plane), load<T>(plane, BYTES)))
  }
  writePlanes<T>(f, to)
  writePlanes<T>(f + 8 * BYTES, high)
}

function writePlanes<T>(f: usize, to: usize): void {
  writeIndices<T>(
    to,
    load<T>(f),
    load<T>(f, BYTES),
    load<T>(f, 2 * BYTES),
    load<T>(f, 3 * BYTES),
    load<T>(f, 4 * BYTES),
    load<T>(f, 5 * BYTES),
    load<T>(f, 6 * BYTES),
    load<T>(f, 7 * BYTES),
  )
}

/** Eight words of bits to eight words of bytes: byte r of `to` gets bit b of row r from the b-th word. */
// @ts-ignore: decorator
@inline
function writeIndices<T>(to: usize, b0: T, b1: T, b2: T, b3: T, b4: T, b5: T, b6: T, b7: T): void {
  const nibbles = bytesOf<T>(0x0f)
  let t = and<T>(xor<T>(shiftRight<T>(b0, 4), b4), nibbles)
  b4 = xor<T>(b4, t)
  b0 = xor<T>(b0, shiftLeft<T>(t, 4))
  t = and<T>(xor<T>(shiftRight<T>(b1, 4), b5), nibbles)
  b5 = xor<T>(b5, t)
  b1 = xor<T>(b1, shiftLeft<T>(t, 4))
  t = and<T>(xor<T>(shiftRight<T>(b2, 4), b6), nibbles)
  b6 = xor<T>(b6, t)
  b2 = xor<T>(b2, shiftLeft<T>(t, 4))
  t = and<T>(xor<T>(shiftRight<T>(b3, 4), b7), nibbles)
  b7 = xor<T>(b7, t)
  b3 = xor<T>(b3, shiftLeft<T>(t, 4))
  writeQuads<T>(to, b0, b1, b2, b3)
  writeQuads<T>(to + 4 * BYTES, b4, b5, b6, b7)
}

// @ts-ignore: decorator
@inline
function writeQuads<T>(to: usize, b0: T, b1: T, b2: T, b3: T): void {
  const pairs = bytesOf<T>(0x33)
  let t = and<T>(xor<T>(shiftRight<T>(b0, 2), b2), pairs)
  b2 = xor<T>(b2, t)
  b0 = xor<T>(b0, shiftLeft<T>(t, 2))
  t = and<T>(xor<T>(shiftRight<T>(b1, 2), b3), pairs)
  b3 = xor<T>(b3, t)
  b1 = xor<T>(b1, shiftLeft<T>(t, 2))
  writePair<T>(to, b0, b1)
  writePair<T>(to + 2 * BYTES, b2, b3)
}

// @ts-ignore: decorator
@inline
function writePair<T>(to: usize, b0: T, b1: T): void {
  const t = and<T>(xor<T>(shiftRight<T>(b0, 1), b1), bytesOf<T>(0x55))
  store<T>(to, xor<T>(b0, shiftLeft<T>(t, 1)))
  store<T>(to, xor<T>(b1, t), BYTES)
}
