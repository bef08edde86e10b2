import { allocate, release } from './arena'
import { categoricalCondition, isCondition, makeRoom, numericColumn, numericCondition, numericGuess, numericKey, startConditions } from './conditions'
import { countOf, has, isLinear, numbersOf, numCat, numLeaves } from './draft'
import { Field } from './field'
import { grown, grownCapacity } from './growable'
import { Complaint, fail } from './host'

// The trees as they are walked. A tree is one block:
//   nodes   [2·leaves] × 8 bytes: u32 condition, u32 child. The children of a node are neighbours, left first, and `child` is
//           the left one's address; `condition` is the address of a byte that is 0 (left) or 8 (right) for the row at hand, so
//           that the next node is child + byte. A leaf has condition 0 (the byte there is always 0) and itself as child.
//           Slot 0 is the root, slot 1 is empty. While reading, `condition` is a condition's number plus one.
//   values  [2·leaves] × f64: a leaf's value has the slot of its node
//   info    [2·leaves] × u32: leaf index of a leaf, training rows of an inner node
//   counts  [leaves] × u32: training rows of a leaf, by leaf index

export let numFeatures: u32 = 0
export let treesPerIteration: u32 = 1
export let numTrees: u32 = 0
export let deepest: u32 = 0

/** Per tree, 32 bytes: u32 nodes, u32 leaves, u32 linear (address or 0), u32 depth, f64 expected value, 8 spare. */
export let treeRecords: usize = 0
let recordCapacity: usize = 0
export const RECORD: usize = 32
/** Bytes of a tree's block per leaf. */
const LEAF: usize = 44

/** Split counts and gains by feature, f64 [2 × numFeatures]. */
export let importances: usize = 0

/** Room that was set aside for the blocks of trees to come. */
let room: usize = 0
let roomEnd: usize = 0

let scratch: usize = 0
let scratchCapacity: usize = 0

/** `trees` and `leaves`: how many there seem to be, or 0: as one block they leave no holes between what only loading needs. */
export function startForest(features: u32, perIteration: u32, trees: u32, leaves: u32): void {
  numFeatures = features
  treesPerIteration = perIteration
  const bytes = <usize>features << 4
  importances = allocate(bytes)
  memory.fill(importances, 0, bytes)
  if (trees == 0) return
  recordCapacity = <usize>trees * RECORD
  treeRecords = allocate(recordCapacity)
  const treeBytes = <usize>leaves * LEAF + <usize>trees * 16
  room = allocate(treeBytes)
  roomEnd = room + treeBytes
  startConditions(max(leaves, 1024))
}

/** A block for a tree, 16-byte aligned. */
function takeBlock(bytes: usize): usize {
  const size = (bytes + 15) & ~15
  if (size > roomEnd - room) return allocate(bytes)
  const block = room
  room += size
  return block
}

/** Gives back what was set aside for more trees. */
export function discardRoom(): void {
  if (roomEnd - room >= 16) release(room, (roomEnd - room) & ~15)
  room = roomEnd
}

// @ts-ignore: decorator
@inline
export function recordOf(tree: u32): usize {
  return treeRecords + <usize>tree * RECORD
}

/** Checks the drafted tree and adds it. */
export function addTree(): void {
  requireFields()
  const leaves = <usize>numLeaves
  const block = takeBlock(leaves * LEAF)
  // Entries of placeNodes; the nodes' conditions; one byte per leaf and per node: reached.
  scratch = grown(scratch, scratchCapacity, 0, leaves * 18)
  scratchCapacity = grownCapacity(scratchCapacity, leaves * 18)
  findConditions(scratch + leaves * 12)
  const depth = placeNodes(block)
  if (has(Field.LeafCount)) memory.copy(block + leaves * 40, numbersOf(Field.LeafCount), leaves << 2)
  else memory.fill(block + leaves * 40, 0, leaves << 2)

  const used = <usize>numTrees * RECORD
  treeRecords = grown(treeRecords, recordCapacity, used, used + RECORD)
  recordCapacity = grownCapacity(recordCapacity, used + RECORD)
  const record = recordOf(numTrees++)
  store<u32>(record, <u32>block)
  store<u32>(record, numLeaves, 4)
  store<u32>(record, isLinear ? <u32>linearModels() : 0, 8)
  store<u32>(record, depth, 12)
  store<f64>(record, expectedValue(), 16)
  deepest = max(deepest, depth)
  addImportances()
}

export function discardScratch(): void {
  release(scratch, scratchCapacity)
  scratch = 0
  scratchCapacity = 0
}

function requireFields(): void {
  if (!has(Field.NumLeaves)) fail(Complaint.MissingField, Field.NumLeaves)
  if (!has(Field.LeafValue)) fail(Complaint.MissingField, Field.LeafValue)
  if (numLeaves > 1) {
    for (let field = Field.SplitFeature; field <= Field.RightChild; field++) {
      if (field != Field.SplitGain && field != Field.DecisionType && !has(field)) fail(Complaint.MissingField, field)
    }
  }
  if (numCat > 0 && !has(Field.CatThreshold)) fail(Complaint.MissingField, has(Field.CatBoundaries) ? Field.CatThreshold : Field.CatBoundaries)
}

/** Gives every node its slot, depth first and the busier child first; checks that each is reached exactly once. Returns the tree's depth. */
function placeNodes(block: usize): u32 {
  const leaves = <usize>numLeaves
  // Entries (node, slot, depth) still to be expanded.
  const stack = scratch
  const conditions = scratch + leaves * 12
  const reached = scratch + leaves * 16
  const lefts = numbersOf(Field.LeftChild)
  const rights = numbersOf(Field.RightChild)
  const counts = has(Field.InternalCount) ? numbersOf(Field.InternalCount) : 0
  memory.fill(reached, 0, leaves * 2)
  placeLeaf(block, 1, 0)
  if (leaves == 1) {
    placeLeaf(block, 0, 0)
    return 0
  }
  let deepestLeaf: u32 = 0
  let nextSlot: u32 = 2
  let top = push(stack, 0, 0, 0)
  while (top > stack) {
    top -= 12
    const node = load<u32>(top)
    const slot = load<u32>(top, 4)
    const depth = load<u32>(top, 8) + 1
    const address = block + (<usize>slot << 3)
    store<u32>(address, load<u32>(conditions + (<usize>node << 2)) + 1)
    store<u32>(address, <u32>(block + (<usize>nextSlot << 3)), 4)
    store<u32>(block + leaves * 32 + (<usize>slot << 2), counts != 0 ? load<u32>(counts + (<usize>node << 2)) : 0)
    const left = load<i32>(lefts + (<usize>node << 2))
    const right = load<i32>(rights + (<usize>node << 2))
    reach(reached, left, Field.LeftChild)
    reach(reached, right, Field.RightChild)
    if (left < 0) placeLeaf(block, nextSlot, ~left)
    if (right < 0) placeLeaf(block, nextSlot + 1, ~right)
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
  if (<usize>nextSlot < leaves * 2) clearSlots(block, nextSlot)
  return deepestLeaf
}

/** Nodes that the root does not lead to leave slots over. */
function clearSlots(block: usize, from: u32): void {
  const leaves = <usize>numLeaves
  const count = leaves * 2 - <usize>from
  memory.fill(block + (<usize>from << 3), 0, count << 3)
  memory.fill(block + leaves * 16 + (<usize>from << 3), 0, count << 3)
  memory.fill(block + leaves * 32 + (<usize>from << 2), 0, count << 2)
}

function push(top: usize, node: i32, slot: u32, depth: u32): usize {
  store<i32>(top, node)
  store<u32>(top, slot, 4)
  store<u32>(top, depth, 8)
  return top + 12
}

// @ts-ignore: decorator
@inline
function number(field: Field, i: u32): u32 {
  return load<u32>(numbersOf(field) + (<usize>i << 2))
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

function placeLeaf(block: usize, slot: u32, leaf: u32): void {
  const leaves = <usize>numLeaves
  const address = block + (<usize>slot << 3)
  store<u32>(address, 0)
  store<u32>(address, <u32>address, 4)
  store<f64>(address + leaves * 16, load<f64>(numbersOf(Field.LeafValue) + (<usize>leaf << 3)))
  store<u32>(block + leaves * 32 + (<usize>slot << 2), leaf)
}

/**
 * The number of every node's condition, u32 by node, to `to`. In two rounds, the first of which only looks into the table, so that the
 * processor waits for the memory of many nodes at once.
 */
function findConditions(to: usize): void {
  const nodes = numLeaves - 1
  const features = numbersOf(Field.SplitFeature)
  const decisions = has(Field.DecisionType) ? numbersOf(Field.DecisionType) : 0
  const thresholds = numbersOf(Field.Threshold)
  makeRoom()
  for (let node: u32 = 0; node < nodes; node++) {
    const at = <usize>node << 2
    const column = numericColumn(load<u32>(features + at), decisions != 0 ? load<u32>(decisions + at) : 0)
    store<u32>(to + at, numericGuess(column, numericKey(load<f64>(thresholds + (at << 1)))))
  }
  for (let node: u32 = 0; node < nodes; node++) {
    const at = <usize>node << 2
    const feature = load<u32>(features + at)
    const decision = decisions != 0 ? load<u32>(decisions + at) : 0
    const threshold = load<f64>(thresholds + (at << 1))
    let condition: u32
    if ((decision & 1) == 0) {
      if (threshold != threshold) fail(Complaint.ThresholdNan, Field.Threshold, <f64>node)
      const column = numericColumn(feature, decision)
      const key = numericKey(threshold)
      const guess = load<u32>(to + at)
      condition = isCondition(guess, column, key) ? guess - 1 : numericCondition(column, key)
    } else condition = categoricalConditionOf(node, feature, threshold)
    store<u32>(to + at, condition)
  }
}

function categoricalConditionOf(node: u32, feature: u32, threshold: f64): u32 {
  if (numCat == 0) fail(Complaint.NotCategorical, Field.DecisionType, <f64>node)
  if (!(threshold > -1 && threshold < <f64>numCat)) fail(Complaint.OutOfRange, Field.Threshold, threshold, <f64>numCat - 1)
  const boundary = numbersOf(Field.CatBoundaries) + (<usize>threshold << 2)
  const first = load<u32>(boundary)
  return categoricalCondition(feature, numbersOf(Field.CatThreshold) + (<usize>first << 2), load<u32>(boundary, 4) - first)
}

/** LightGBM's `Tree::ExpectedValue`, in its order of additions. */
function expectedValue(): f64 {
  const values = numbersOf(Field.LeafValue)
  if (numLeaves == 1) return load<f64>(values)
  const total = has(Field.InternalCount) ? <f64><i32>number(Field.InternalCount, 0) : 0
  let sum: f64 = 0
  for (let leaf: u32 = 0; leaf < numLeaves; leaf++) {
    const count = has(Field.LeafCount) ? <f64><i32>number(Field.LeafCount, leaf) : 0
    sum += (count / total) * load<f64>(values + (<usize>leaf << 3))
  }
  return sum
}

function addImportances(): void {
  if (!has(Field.SplitGain)) return
  for (let node: u32 = 0; node < numLeaves - 1; node++) {
    const gain = <f64>load<f32>(numbersOf(Field.SplitGain) + (<usize>node << 2))
    if (!(gain > 0)) continue
    const splits = importances + (<usize>number(Field.SplitFeature, node) << 3)
    const gains = splits + (<usize>numFeatures << 3)
    store<f64>(splits, load<f64>(splits) + 1)
    store<f64>(gains, load<f64>(gains) + gain)
  }
}

/**
 * The linear models of the drafted tree's leaves, by leaf index: per leaf f64 constant, u32 address of its terms, u32 their number;
 * then the terms: u32 feature · 8, u32 spare, f64 coefficient.
 */
function linearModels(): usize {
  const leaves = <usize>numLeaves
  const withTerms = has(Field.NumFeatures)
  let terms: usize = 0
  if (withTerms) {
    for (let leaf: u32 = 0; leaf < numLeaves; leaf++) terms += <usize>number(Field.NumFeatures, leaf)
    if (terms > 0 && !has(Field.LeafFeatures)) fail(Complaint.MissingField, Field.LeafFeatures)
    if (terms > 0 && !has(Field.LeafCoeff)) fail(Complaint.MissingField, Field.LeafCoeff)
  }
  const models = allocate((leaves + terms) << 4)
  let term = models + (leaves << 4)
  let i: u32 = 0
  for (let leaf: u32 = 0; leaf < numLeaves; leaf++) {
    const model = models + (<usize>leaf << 4)
    const count: u32 = withTerms ? number(Field.NumFeatures, leaf) : 0
    store<f64>(model, has(Field.LeafConst) ? load<f64>(numbersOf(Field.LeafConst) + (<usize>leaf << 3)) : 0)
    store<u32>(model, <u32>term, 8)
    store<u32>(model, count, 12)
    for (let k: u32 = 0; k < count; k++) {
      store<u32>(term, number(Field.LeafFeatures, i) << 3)
      store<f64>(term, load<f64>(numbersOf(Field.LeafCoeff) + (<usize>i << 3)), 8)
      term += 16
      i++
    }
  }
  return models
}
