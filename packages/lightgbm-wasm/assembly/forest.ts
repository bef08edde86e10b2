import { allocate, release } from './arena'
import { categoricalCondition, numericCondition } from './conditions'
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

/** Split counts and gains by feature, f64 [2 × numFeatures]. */
export let importances: usize = 0

let scratch: usize = 0
let scratchCapacity: usize = 0

export function startForest(features: u32, perIteration: u32): void {
  numFeatures = features
  treesPerIteration = perIteration
  const bytes = <usize>features << 4
  importances = allocate(bytes)
  memory.fill(importances, 0, bytes)
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
  const block = allocate(leaves * 44)
  memory.fill(block, 0, leaves * 44)
  const depth = placeNodes(block)
  if (has(Field.LeafCount)) memory.copy(block + leaves * 40, numbersOf(Field.LeafCount), leaves << 2)

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
  // Entries (node, slot, depth) still to be expanded, then one byte per leaf and per node: reached.
  scratch = grown(scratch, scratchCapacity, 0, leaves * 14)
  scratchCapacity = grownCapacity(scratchCapacity, leaves * 14)
  const stack = scratch
  const reached = scratch + leaves * 12
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
    store<u32>(address, conditionOf(node) + 1)
    store<u32>(address, <u32>(block + (<usize>nextSlot << 3)), 4)
    store<u32>(block + leaves * 32 + (<usize>slot << 2), has(Field.InternalCount) ? number(Field.InternalCount, node) : 0)
    const left = <i32>number(Field.LeftChild, node)
    const right = <i32>number(Field.RightChild, node)
    reach(reached, left, Field.LeftChild)
    reach(reached, right, Field.RightChild)
    if (left < 0) placeLeaf(block, nextSlot, ~left)
    if (right < 0) placeLeaf(block, nextSlot + 1, ~right)
    if (left < 0 || right < 0) deepestLeaf = max(deepestLeaf, depth)
    const rightFirst = left >= 0 && right >= 0 && has(Field.InternalCount) && number(Field.InternalCount, right) > number(Field.InternalCount, left)
    if (rightFirst && left >= 0) top = push(top, left, nextSlot, depth)
    if (right >= 0) top = push(top, right, nextSlot + 1, depth)
    if (!rightFirst && left >= 0) top = push(top, left, nextSlot, depth)
    nextSlot += 2
  }
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
function number(field: Field, i: u32): u32 {
  return load<u32>(numbersOf(field) + (<usize>i << 2))
}

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

function conditionOf(node: u32): u32 {
  const feature = number(Field.SplitFeature, node)
  const decision = has(Field.DecisionType) ? number(Field.DecisionType, node) : 0
  const threshold = load<f64>(numbersOf(Field.Threshold) + (<usize>node << 3))
  if ((decision & 1) == 0) {
    if (threshold != threshold) fail(Complaint.ThresholdNan, Field.Threshold, <f64>node)
    return numericCondition(feature, decision, threshold)
  }
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
