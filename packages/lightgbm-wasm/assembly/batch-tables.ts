import { allocate, release } from './arena'
import { answers, COLUMN, columns, METHODS, endOf, zeros } from './columns'
import { numConditions } from './conditions'
import { numFeatures, numTrees, recordOf, mostLeaves } from './forest'
import { BYTES } from './word'

// What scoring in blocks needs besides the trees: built by the first call with enough rows, so that loading costs nothing.

/** The answers of a block: a word per condition, in the order of `answers`. */
export let bits: usize = 0
/** Per column, by feature: u32 column, u32 method. */
export let columnList: usize = 0
export let columnListEnd: usize = 0
/**
 * Per tree, 16 bytes: u32 steps, u32 values, u32 leaf indices, u32 leaves. Leaves are numbered from left to right: values f64 and
 * the file's leaf indices u32 are in that order. Steps are described in batch-walk.ts.
 */
export let batchTrees: usize = 0
export const BATCH_TREE: usize = 16
export const STEP: usize = 10
/** Offsets in a step are 16 bits wide. A model with a larger tree is scored row by row. */
const MOST_LEAVES: u32 = 4095
export let largestColumn: u32 = 0

const enum State {
  Unknown,
  Ready,
  Unfit,
}
let state: State = State.Unknown

/** True when blocks can be scored. */
export function haveBatchTables(): bool {
  if (state == State.Unknown) {
    // Should memory run out, this call throws and later ones go row by row.
    state = State.Unfit
    if (mostLeaves <= MOST_LEAVES) {
      buildTables()
      state = State.Ready
    }
  }
  return state == State.Ready
}

function buildTables(): void {
  bits = allocate(<usize>numConditions * BYTES)
  listColumns()
  batchTrees = allocate(<usize>numTrees * BATCH_TREE)
  // Per slot of a tree: u32 leaves below, u32 first of them.
  const scratchBytes = <usize>mostLeaves << 4
  const scratch = allocate(scratchBytes)
  for (let tree: u32 = 0; tree < numTrees; tree++) writeTree(recordOf(tree), batchTrees + <usize>tree * BATCH_TREE, scratch)
  release(scratch, scratchBytes)
}

/** By feature, so that a feature's values are laid out once for all its columns. */
function listColumns(): void {
  const count = (endOf(METHODS - 1) - columns) / COLUMN
  columnList = allocate(count << 3)
  columnListEnd = columnList + (count << 3)
  const startsBytes = (<usize>numFeatures + 1) << 2
  const starts = allocate(startsBytes)
  memory.fill(starts, 0, startsBytes)
  for (let i: usize = 0; i < count; i++) {
    const column = columns + i * COLUMN
    const next = starts + 4 + <usize>(load<u32>(column, 16) >> 1)
    store<u32>(next, load<u32>(next) + 1)
    largestColumn = max(largestColumn, load<u32>(column, 32))
  }
  for (let f: usize = 0; f < <usize>numFeatures; f++) {
    const start = starts + (f << 2)
    store<u32>(start, load<u32>(start, 4) + load<u32>(start), 4)
  }
  let column = columns
  for (let method: u32 = 0; method < <u32>METHODS; method++) {
    for (const end = endOf(method); column < end; column += COLUMN) {
      const start = starts + <usize>(load<u32>(column, 16) >> 1)
      const at = columnList + (<usize>load<u32>(start) << 3)
      store<u32>(start, load<u32>(start) + 1)
      store<u32>(at, <u32>column)
      store<u32>(at, method, 4)
    }
  }
  release(starts, startsBytes)
}

function writeTree(record: usize, to: usize, scratch: usize): void {
  const nodes = <usize>load<u32>(record)
  const leaves = <usize>load<u32>(record, 4)
  const info = <usize>load<u32>(record, 24)
  let step = allocate((leaves - 1) * STEP + leaves * 12)
  // Values first: they want to be aligned.
  const values = step
  const indices = values + (leaves << 3)
  step = indices + (leaves << 2)
  store<u32>(to, <u32>step)
  store<u32>(to, <u32>values, 4)
  store<u32>(to, <u32>indices, 8)
  store<u32>(to, <u32>leaves, 12)
  const slots = leaves << 1
  // A node's children are behind it.
  for (let slot = <isize>slots - 1; slot >= 0; slot--) {
    const node = nodes + (<usize>slot << 3)
    const child = scratch + (<usize>load<u32>(node, 4) - nodes)
    store<u32>(scratch + (<usize>slot << 3), <usize>load<u32>(node) < answers ? 1 : load<u32>(child) + load<u32>(child, 8))
  }
  store<u32>(scratch, 0, 4)
  for (let slot: usize = 0; slot < slots; slot++) {
    if (slot == 1) continue
    const node = nodes + (slot << 3)
    const low = load<u32>(scratch + (slot << 3), 4)
    const condition = <usize>load<u32>(node)
    if (condition < answers) {
      store<f64>(values + (<usize>low << 3), load<f64>(nodes + (leaves << 4) + ((condition - zeros) << 3)))
      store<u32>(indices + (<usize>low << 2), load<u32>(info + (slot << 2)))
      continue
    }
    const child = scratch + (<usize>load<u32>(node, 4) - nodes)
    const middle = low + load<u32>(child)
    store<u32>(child, low, 4)
    store<u32>(child, middle, 12)
    store<u32>(step, <u32>(bits + (condition - answers) * BYTES))
    store<u16>(step, <u16>(low * <u32>BYTES), 4)
    store<u16>(step, <u16>((low + load<u32>(scratch + (slot << 3))) * <u32>BYTES), 6)
    store<u16>(step, <u16>(middle * <u32>BYTES), 8)
    step += STEP
  }
}
