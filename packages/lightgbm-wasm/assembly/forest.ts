import { allocate, release } from './arena'
import { startConditions } from './conditions'
import { has, isLinear, numberAt, numbersOf, numCat, numLeaves } from './draft'
import { Field } from './field'
import { grown, grownCapacity } from './growable'
import { Complaint, fail } from './host'
import { linearModels } from './linear-models'
import { findConditions } from './tree-conditions'
import { placeNodes } from './tree-nodes'

// The trees as they are walked. A tree is a block that every row reads from:
//   nodes   [2·leaves] × 8 bytes: u32 condition, u32 child. The children of a node are neighbours, left first, and `child` is
//           the left one's address; `condition` is the address of a byte that is 0 (left) or 8 (right) for the row at hand, so
//           that the next node is child + byte. A leaf has itself as child, and as condition one of the bytes in front of all
//           answers (columns.ts), which are always 0: the first one for the tree's first value, and so on.
//           Slot 0 is the root, slot 1 is empty. While reading, `condition` is a condition's number, or LEAF and the value's.
//   values  [leaves] × f64: in the order of the leaves' slots
// and a block for what is asked less often:
//   info    [2·leaves] × u32: leaf index of a leaf, training rows of an inner node
//   counts  [leaves] × u32: training rows of a leaf, by leaf index

/** While reading: what `condition` has besides the number of a leaf's value. */
export const LEAF: u32 = 0x80000000

export let numFeatures: u32 = 0
export let treesPerIteration: u32 = 1
export let numTrees: u32 = 0
export let deepest: u32 = 0
export let mostLeaves: u32 = 1

/** Per tree, 32 bytes: u32 nodes, u32 leaves, u32 linear (address or 0), u32 depth, f64 expected value, u32 info, 4 spare. */
export let treeRecords: usize = 0
let recordCapacity: usize = 0
export const RECORD: usize = 32
/** Bytes of a tree's blocks per leaf. */
export const WALKED: usize = 24
const ASIDE: usize = 12

/** Split counts and gains by feature, f64 [2 × numFeatures]. */
export let importances: usize = 0

/** Room that was set aside for the blocks of trees to come. */
let room: usize = 0
let roomEnd: usize = 0
let roomAside: usize = 0
let roomAsideEnd: usize = 0

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
  const walkedBytes = <usize>leaves * WALKED + <usize>trees * 16
  const asideBytes = <usize>leaves * ASIDE + <usize>trees * 16
  roomAside = allocate(asideBytes)
  roomAsideEnd = roomAside + asideBytes
  room = allocate(walkedBytes)
  roomEnd = room + walkedBytes
  startConditions(max(leaves, 1024))
}

/** A block for what rows read of a tree, 16-byte aligned. */
function takeWalked(bytes: usize): usize {
  const size = (bytes + 15) & ~15
  if (size > roomEnd - room) return allocate(bytes)
  const block = room
  room += size
  return block
}

function takeAside(bytes: usize): usize {
  const size = (bytes + 15) & ~15
  if (size > roomAsideEnd - roomAside) return allocate(bytes)
  const block = roomAside
  roomAside += size
  return block
}

/** Gives back what was set aside for more trees. */
export function discardRoom(): void {
  if (roomEnd - room >= 16) release(room, (roomEnd - room) & ~15)
  if (roomAsideEnd - roomAside >= 16) release(roomAside, (roomAsideEnd - roomAside) & ~15)
  room = roomEnd
  roomAside = roomAsideEnd
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
  const nodes = takeWalked(leaves * WALKED)
  const info = takeAside(leaves * ASIDE)
  // Entries of placeNodes; the nodes' conditions; one byte per leaf and per node: reached.
  scratch = grown(scratch, scratchCapacity, 0, leaves * 18)
  scratchCapacity = grownCapacity(scratchCapacity, leaves * 18)
  findConditions(scratch + leaves * 12)
  const depth = placeNodes(nodes, info, scratch)
  if (has(Field.LeafCount)) memory.copy(info + leaves * 8, numbersOf(Field.LeafCount), leaves << 2)
  else memory.fill(info + leaves * 8, 0, leaves << 2)

  const used = <usize>numTrees * RECORD
  treeRecords = grown(treeRecords, recordCapacity, used, used + RECORD)
  recordCapacity = grownCapacity(recordCapacity, used + RECORD)
  const record = recordOf(numTrees++)
  store<u32>(record, <u32>nodes)
  store<u32>(record, numLeaves, 4)
  store<u32>(record, isLinear ? <u32>linearModels() : 0, 8)
  store<u32>(record, depth, 12)
  store<f64>(record, expectedValue(), 16)
  store<u32>(record, <u32>info, 24)
  deepest = max(deepest, depth)
  mostLeaves = max(mostLeaves, numLeaves)
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

/** LightGBM's `Tree::ExpectedValue`, in its order of additions. */
function expectedValue(): f64 {
  const values = numbersOf(Field.LeafValue)
  if (numLeaves == 1) return load<f64>(values)
  const total = has(Field.InternalCount) ? <f64><i32>numberAt(Field.InternalCount, 0) : 0
  let sum: f64 = 0
  for (let leaf: u32 = 0; leaf < numLeaves; leaf++) {
    const count = has(Field.LeafCount) ? <f64><i32>numberAt(Field.LeafCount, leaf) : 0
    sum += (count / total) * load<f64>(values + (<usize>leaf << 3))
  }
  return sum
}

function addImportances(): void {
  if (!has(Field.SplitGain)) return
  for (let node: u32 = 0; node < numLeaves - 1; node++) {
    const gain = <f64>load<f32>(numbersOf(Field.SplitGain) + (<usize>node << 2))
    if (!(gain > 0)) continue
    const splits = importances + (<usize>numberAt(Field.SplitFeature, node) << 3)
    const gains = splits + (<usize>numFeatures << 3)
    store<f64>(splits, load<f64>(splits) + 1)
    store<f64>(gains, load<f64>(gains) + gain)
  }
}
