import { allocate } from './arena'
import { placeAnswers, answerBlock, tileBytes } from './batch-answer'
import { BATCH_TREE, batchTrees, haveBatchTables, largestColumn } from './batch-tables'
import { bytesOfAbove, placeWalk, walkBlock } from './batch-walk'
import { recordOf, mostLeaves, numFeatures, treesPerIteration } from './forest'
import { anyLinear, linearValue } from './predict'
import { BYTES, ROWS } from './word'

// Scores rows in blocks of ROWS: all conditions of all rows first, then tree after tree for all rows. A block costs much the same
// however many rows are in it.

/** From this many rows on a block pays: 12 took 0.7 to 1.1 of the time of single rows on models a to e of the bench (without SIMD, a and b: 0.9 and 1.0). */
const FEWEST_ROWS: u32 = 12

/** Trees whose values are added in one pass over the sums. */
const TOGETHER: u32 = 4
/** u8 [TOGETHER][ROWS]: leaves of the rows; then their high bytes, of one tree. */
let leaves: usize = 0
/** f64 [treesPerIteration][ROWS]. */
let sums: usize = 0

/** Raw scores, row-major f64 [count × treesPerIteration] to `out`, of all rows but a last few; returns how many it scored. */
export function scoreBlocks(rows: usize, out: usize, count: u32, start: u32, iterations: u32): u32 {
  let done: u32 = 0
  for (; done + FEWEST_ROWS <= count && canScoreBlocks(); done += min(ROWS, count - done)) {
    const row = rows + ((<usize>done * <usize>numFeatures) << 3)
    scoreBlock(row, out + ((<usize>done * <usize>treesPerIteration) << 3), min(ROWS, count - done), start, iterations)
  }
  return done
}

/** Leaf indices, i32 [count × iterations · treesPerIteration] to `out`, of all rows but a last few; returns how many it looked up. */
export function leavesOfBlocks(rows: usize, out: usize, count: u32, start: u32, iterations: u32): u32 {
  let done: u32 = 0
  for (; done + FEWEST_ROWS <= count && canScoreBlocks(); done += min(ROWS, count - done)) {
    const row = rows + ((<usize>done * <usize>numFeatures) << 3)
    leavesOfBlock(row, out + ((<usize>done * <usize>(iterations * treesPerIteration)) << 2), min(ROWS, count - done), start, iterations)
  }
  return done
}

/** Whether the model can be scored in blocks; the first call prepares it. */
function canScoreBlocks(): bool {
  if (leaves != 0) return true
  if (!haveBatchTables()) return false
  const rankWords = (<usize>largestColumn + 1) * BYTES
  const ranks = allocate(rankWords)
  memory.fill(ranks, 0, rankWords)
  placeAnswers(allocate(tileBytes()), ranks)
  placeWalk(allocate(bytesOfAbove(mostLeaves)), allocate(16 * BYTES))
  sums = allocate(<usize>(treesPerIteration * ROWS) << 3)
  leaves = allocate((TOGETHER + 1) * ROWS)
  return true
}

/** The trees' values of up to ROWS rows, added in the file's order. */
function scoreBlock(rows: usize, out: usize, count: u32, start: u32, iterations: u32): void {
  answerBlock(rows, count)
  memory.fill(sums, 0, <usize>(treesPerIteration * ROWS) << 3)
  for (let k: u32 = 0; k < treesPerIteration; k++) {
    const sum = sums + (<usize>(k * ROWS) << 3)
    let tree = start * treesPerIteration + k
    for (const end = tree + iterations * treesPerIteration; tree < end; ) {
      if (!anyLinear && mostLeaves <= 256 && tree + (TOGETHER - 1) * treesPerIteration < end) {
        addFour(tree, sum, count)
        tree += TOGETHER * treesPerIteration
      } else {
        addOne(tree, sum, rows, count)
        tree += treesPerIteration
      }
    }
  }
  for (let row: usize = 0; row < <usize>count; row++) {
    for (let k: u32 = 0; k < treesPerIteration; k++) {
      store<f64>(out, load<f64>(sums + ((<usize>(k * ROWS) + row) << 3)))
      out += 8
    }
  }
}

// @ts-ignore: decorator
@inline
function valuesOf(tree: u32): usize {
  return <usize>load<u32>(batchTrees + <usize>tree * BATCH_TREE, 4)
}

function addFour(tree: u32, sum: usize, count: u32): void {
  const apart = treesPerIteration
  for (let i: u32 = 0; i < TOGETHER; i++) walkBlock(tree + i * apart, leaves + <usize>(i * ROWS), 0)
  const a = valuesOf(tree)
  const b = valuesOf(tree + apart)
  const c = valuesOf(tree + 2 * apart)
  const d = valuesOf(tree + 3 * apart)
  let leaf = leaves
  for (const end = leaf + <usize>count; leaf < end; leaf++) {
    let value = load<f64>(sum)
    value += load<f64>(a + (<usize>load<u8>(leaf) << 3))
    value += load<f64>(b + (<usize>load<u8>(leaf, ROWS) << 3))
    value += load<f64>(c + (<usize>load<u8>(leaf, 2 * ROWS) << 3))
    value += load<f64>(d + (<usize>load<u8>(leaf, 3 * ROWS) << 3))
    store<f64>(sum, value)
    sum += 8
  }
}

function addOne(tree: u32, sum: usize, rows: usize, count: u32): void {
  walkBlock(tree, leaves, leaves + <usize>ROWS)
  const values = valuesOf(tree)
  const indices = <usize>load<u32>(batchTrees + <usize>tree * BATCH_TREE, 8)
  const models = <usize>load<u32>(recordOf(tree), 8)
  for (let row: usize = 0; row < <usize>count; row++) {
    const leaf = leafOf(tree, row)
    let value = load<f64>(values + (leaf << 3))
    if (models != 0) value = linearValue(rows + ((row * <usize>numFeatures) << 3), value, models + (<usize>load<u32>(indices + (leaf << 2)) << 4))
    store<f64>(sum + (row << 3), load<f64>(sum + (row << 3)) + value)
  }
}

// @ts-ignore: decorator
@inline
function leafOf(tree: u32, row: usize): usize {
  const low = <usize>load<u8>(leaves + row)
  return load<u32>(batchTrees + <usize>tree * BATCH_TREE, 12) <= 256 ? low : low | (<usize>load<u8>(leaves + row, ROWS) << 8)
}

function leavesOfBlock(rows: usize, out: usize, count: u32, start: u32, iterations: u32): void {
  answerBlock(rows, count)
  const width = <usize>(iterations * treesPerIteration) << 2
  let tree = start * treesPerIteration
  for (const end = tree + iterations * treesPerIteration; tree < end; tree++) {
    walkBlock(tree, leaves, leaves + <usize>ROWS)
    const indices = <usize>load<u32>(batchTrees + <usize>tree * BATCH_TREE, 8)
    let to = out
    for (let row: usize = 0; row < <usize>count; row++) {
      store<u32>(to, load<u32>(indices + (leafOf(tree, row) << 2)))
      to += width
    }
    out += 4
  }
}
