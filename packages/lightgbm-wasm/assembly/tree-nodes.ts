import { numbersOf, has, numLeaves } from './draft'
import { Field } from './field'
import { LEAF } from './forest'
import { Complaint, fail } from './host'

/** Leaves that have a slot. */
let placed: u32 = 0

/**
 * Gives every node of the drafted tree its slot in `nodes` and `info`, as forest.ts describes it, depth first and the busier child first; checks that
 * each is reached exactly once. Returns the tree's depth. `scratch`: 18 bytes per leaf; from 12 per leaf on, the nodes' conditions.
 */
export function placeNodes(nodes: usize, info: usize, scratch: usize): u32 {
  const leaves = <usize>numLeaves
  // Entries (node, slot, depth) still to be expanded.
  const stack = scratch
  const conditions = scratch + leaves * 12
  const reached = scratch + leaves * 16
  const lefts = numbersOf(Field.LeftChild)
  const rights = numbersOf(Field.RightChild)
  const counts = has(Field.InternalCount) ? numbersOf(Field.InternalCount) : 0
  memory.fill(reached, 0, leaves * 2)
  placed = 0
  if (leaves == 1) {
    placeLeaf(nodes, info, 0, 0)
    store<u64>(nodes, <u64>LEAF, 8)
    store<u32>(info, 0, 4)
    return 0
  }
  store<u32>(nodes, LEAF, 8)
  store<u32>(nodes, <u32>nodes + 8, 12)
  store<u32>(info, 0, 4)
  let deepestLeaf: u32 = 0
  let nextSlot: u32 = 2
  let top = push(stack, 0, 0, 0)
  while (top > stack) {
    top -= 12
    const node = load<u32>(top)
    const slot = load<u32>(top, 4)
    const depth = load<u32>(top, 8) + 1
    const address = nodes + (<usize>slot << 3)
    store<u32>(address, load<u32>(conditions + (<usize>node << 2)))
    store<u32>(address, <u32>(nodes + (<usize>nextSlot << 3)), 4)
    store<u32>(info + (<usize>slot << 2), counts != 0 ? load<u32>(counts + (<usize>node << 2)) : 0)
    const left = load<i32>(lefts + (<usize>node << 2))
    const right = load<i32>(rights + (<usize>node << 2))
    reach(reached, left, Field.LeftChild)
    reach(reached, right, Field.RightChild)
    if (left < 0) placeLeaf(nodes, info, nextSlot, ~left)
    if (right < 0) placeLeaf(nodes, info, nextSlot + 1, ~right)
    if (left < 0 || right < 0) deepestLeaf = max(deepestLeaf, depth)
    if (left >= 0 && right >= 0) {
      const rightFirst = counts != 0 && load<u32>(counts + (<usize>right << 2)) > load<u32>(counts + (<usize>left << 2))
      // The one on top is next.
      push(top, select<i32>(left, right, rightFirst), nextSlot + u32(!rightFirst), depth)
      top = push(top + 12, select<i32>(right, left, rightFirst), nextSlot + u32(rightFirst), depth)
    } else if (right >= 0) top = push(top, right, nextSlot + 1, depth)
    else if (left >= 0) top = push(top, left, nextSlot, depth)
    nextSlot += 2
  }
  // Nodes that the root does not lead to leave slots over, and so do cycles among them.
  if (<usize>nextSlot < leaves * 2) fail(Complaint.NodeNotReached, Field.LeftChild, <f64>(nextSlot >> 1) - 1, <f64>numLeaves - 1)
  return deepestLeaf
}

function push(top: usize, node: i32, slot: u32, depth: u32): usize {
  store<i32>(top, node)
  store<u32>(top, slot, 4)
  store<u32>(top, depth, 8)
  return top + 12
}

// @ts-ignore: decorator
@inline
function reach(reached: usize, child: i32, field: Field): void {
  const limit = child < 0 ? <u32>numLeaves : numLeaves - 1
  const index = child < 0 ? <u32>~child : <u32>child
  if (index >= limit) fail(Complaint.OutOfRange, field, <f64>child, child < 0 ? -<f64>numLeaves : <f64>numLeaves - 2)
  const flag = reached + <usize>index + (child < 0 ? 0 : <usize>numLeaves)
  if (load<u8>(flag) != 0 || child == 0) fail(Complaint.NodeReachedTwice, field, <f64>child)
  store<u8>(flag, 1)
}

function placeLeaf(nodes: usize, info: usize, slot: u32, leaf: u32): void {
  const address = nodes + (<usize>slot << 3)
  store<u32>(address, LEAF | placed)
  store<u32>(address, <u32>address, 4)
  store<f64>(nodes + (<usize>numLeaves << 4) + (<usize>placed << 3), load<f64>(numbersOf(Field.LeafValue) + (<usize>leaf << 3)))
  store<u32>(info + (<usize>slot << 2), leaf)
  placed++
}
