import { allocate } from './arena'
import { answers } from './columns'

/** Trees walked at once. */
export const LANES: u32 = 9

/** The nodes that the trees have come to, as forest.ts has them: a leaf's halves tell its value and its slot. u64 [trees + LANES + 1]. */
export let ends: usize = 0
/** Trees that have not come to a leaf: addresses in `ends`, u32 [trees + 2 · LANES]. */
let list: usize = 0
/** An entry of `ends` that belongs to no tree. */
let nowhere: usize = 0

/** Makes room for `trees` trees. */
export function prepareWalk(trees: u32): void {
  ends = allocate(<usize>(trees + LANES + 1) << 3)
  nowhere = ends + (<usize>(trees + LANES) << 3)
  // As the node at address 0: no condition, and itself as child.
  store<u64>(nowhere, 0)
  list = allocate(<usize>(trees + 2 * LANES) << 2)
}

/**
 * Walks `count` trees from the roots listed at `root`; their leaves are left in `ends` from entry `first` on.
 * Up to eight more are walked, which must be listed, and leave something behind as well.
 *
 * A step is one byte and one node per tree, without a branch: next = child + answer. After two steps (then three) those that are at a
 * leaf drop out of the list, without a branch too. Going on until all of ten are at leaves takes 1.5 times as many steps, as most wait
 * for the deepest, and ends in a mispredicted branch: 1.25 times as long for 500 and 2000 trees, 0.95 times for 150 and 300. Six trees
 * at once were slower, ten to twelve no faster; rounds of four and five steps slower. Letting leaves lead on to the next tree's root,
 * so that no lane ever waits, costs a store per step and was no faster than waiting.
 */
export function walk(root: usize, count: u32, first: u32): void {
  let to = ends + (<usize>first << 3)
  let listed = list
  // Conditions below are those of leaves.
  const leaves = <u32>answers
  for (const end = root + (<usize>count << 3); root < end; root += <usize>LANES << 3) {
    let a = load<u64>(root)
    let b = load<u64>(root, 8)
    let c = load<u64>(root, 16)
    let d = load<u64>(root, 24)
    let e = load<u64>(root, 32)
    let f = load<u64>(root, 40)
    let g = load<u64>(root, 48)
    let h = load<u64>(root, 56)
    let i = load<u64>(root, 64)
    a = next(a)
    b = next(b)
    c = next(c)
    d = next(d)
    e = next(e)
    f = next(f)
    g = next(g)
    h = next(h)
    i = next(i)
    a = next(a)
    b = next(b)
    c = next(c)
    d = next(d)
    e = next(e)
    f = next(f)
    g = next(g)
    h = next(h)
    i = next(i)
    listed = keep(a, to, listed, leaves)
    listed = keep(b, to + 8, listed, leaves)
    listed = keep(c, to + 16, listed, leaves)
    listed = keep(d, to + 24, listed, leaves)
    listed = keep(e, to + 32, listed, leaves)
    listed = keep(f, to + 40, listed, leaves)
    listed = keep(g, to + 48, listed, leaves)
    listed = keep(h, to + 56, listed, leaves)
    listed = keep(i, to + 64, listed, leaves)
    to += <usize>LANES << 3
  }
  while (listed > list) {
    for (let i: usize = 0; i < <usize>LANES << 2; i += 4) store<u32>(listed + i, <u32>nowhere)
    const end = listed
    listed = list
    for (let from = list; from < end; from += <usize>LANES << 2) {
      let a = load<u64>(<usize>load<u32>(from))
      let b = load<u64>(<usize>load<u32>(from, 4))
      let c = load<u64>(<usize>load<u32>(from, 8))
      let d = load<u64>(<usize>load<u32>(from, 12))
      let e = load<u64>(<usize>load<u32>(from, 16))
      let f = load<u64>(<usize>load<u32>(from, 20))
      let g = load<u64>(<usize>load<u32>(from, 24))
      let h = load<u64>(<usize>load<u32>(from, 28))
      let i = load<u64>(<usize>load<u32>(from, 32))
      a = next(a)
      b = next(b)
      c = next(c)
      d = next(d)
      e = next(e)
      f = next(f)
      g = next(g)
      h = next(h)
      i = next(i)
      a = next(a)
      b = next(b)
      c = next(c)
      d = next(d)
      e = next(e)
      f = next(f)
      g = next(g)
      h = next(h)
      i = next(i)
      a = next(a)
      b = next(b)
      c = next(c)
      d = next(d)
      e = next(e)
      f = next(f)
      g = next(g)
      h = next(h)
      i = next(i)
      listed = keep(a, <usize>load<u32>(from), listed, leaves)
      listed = keep(b, <usize>load<u32>(from, 4), listed, leaves)
      listed = keep(c, <usize>load<u32>(from, 8), listed, leaves)
      listed = keep(d, <usize>load<u32>(from, 12), listed, leaves)
      listed = keep(e, <usize>load<u32>(from, 16), listed, leaves)
      listed = keep(f, <usize>load<u32>(from, 20), listed, leaves)
      listed = keep(g, <usize>load<u32>(from, 24), listed, leaves)
      listed = keep(h, <usize>load<u32>(from, 28), listed, leaves)
      listed = keep(i, <usize>load<u32>(from, 32), listed, leaves)
    }
  }
}

/** Stores what the tree of entry `to` has come to, and lists it unless that is a leaf. */
// @ts-ignore: decorator
@inline
function keep(n: u64, to: usize, listed: usize, leaves: u32): usize {
  store<u64>(to, n)
  store<u32>(listed, <u32>to)
  return select<usize>(listed + 4, listed, <u32>n >= leaves)
}

/**
 * The child that node `n` leads to; a leaf is its own. Whole nodes are carried from step to step, so that every load depends on the one
 * before it: V8 moves all loads of a step to its front otherwise, and spills ten registers (1.2 times as long).
 */
// @ts-ignore: decorator
@inline
function next(n: u64): u64 {
  return load<u64>(<usize>(<u32>(n >> 32) + <u32>load<u8>(<usize>(<u32>n))))
}
