import { allocate } from './arena'
import { grown, grownCapacity } from './growable'
import { numConditions } from './conditions'
import { deepest, numFeatures, treesPerIteration } from './forest'
import { Complaint, fail } from './host'

// What contrib.ts works in. Made at the first contributions, kept until the model is given up.

/** Elements that a path can have beside its root: every feature counts once. */
export let mostElements: u32 = 0
/** Per level of a tree, the weights of the path to there; f64, `levelBytes` from level to level, zeros before the first. */
export let weightsOfLevels: usize = 0
export let levelBytes: usize = 0
/** For a path of `depth` elements f64 (depth - i) / (depth + 1) for i < depth; shorter paths first. */
export let ratios: usize = 0
/** Elements of the path by index, hot ones from 0, cold ones from `firstCold` on: f64 zero fraction, then f64 sum of a leaf. */
export let zeros: usize = 0
export let sums: usize = 0
/** u32 feature of an element. */
export let features: usize = 0
export let firstCold: u32 = 0
/** u32 per feature: 1 + the index of its element on the path, or 0. */
export let elementOf: usize = 0
/** One branch of contrib.ts per level. */
export let frames: usize = 0
export const FRAME: usize = 64

/** Rows that a block may have, and has. */
export let mostRows: u32 = 0
export let blockRows: u32 = 0
/** u32 [blockRows]: row · 8, in any order. */
export let rowList: usize = 0
/** u8 [conditions]: bit k is the answer of the block's row 8·i + k, for the i at hand. */
export let eightRows: usize = 0
/** Bits [conditions × blockRows], filled up to bytes: the answers. */
export let answerBits: usize = 0
/** f64 [treesPerIteration × (features + 1) × blockRows]: the contributions so far. */
export let columnsOfSums: usize = 0
let rowListCapacity: usize = 0
let answerBitsCapacity: usize = 0
let columnsCapacity: usize = 0

const MOST_BYTES: f64 = 268435456
/** More rows share more work: with 500 trees of 63 leaves and 400 features a row takes 2.6 ms in blocks of 64, 1.7 of 256, 1.0 of 1000. */
const MOST_ROWS: f64 = 1024
const MOST_BLOCK_BYTES: f64 = 8388608

/** Makes everything but the room for more rows than one. */
export function preparePath(): void {
  if (frames != 0) return
  mostElements = min(deepest, numFeatures)
  levelBytes = ((<usize>mostElements + 6) & ~1) << 3
  const levels = <f64>(deepest + 1)
  const bytes = levels * <f64>(levelBytes + FRAME) + <f64>mostElements * <f64>(mostElements + 1) * 4
  if (bytes > MOST_BYTES) fail(Complaint.TooDeep, 0, <f64>deepest)
  const weights = allocate(<usize>(deepest + 1) * levelBytes + 16)
  memory.fill(weights, 0, <usize>(deepest + 1) * levelBytes + 16)
  weightsOfLevels = weights + 16
  makeRatios()
  firstCold = (mostElements + 5) & ~1
  const elements = <usize>firstCold << 1
  zeros = allocate(elements << 3)
  memory.fill(zeros, 0, elements << 3)
  sums = allocate(elements << 3)
  features = allocate(elements << 2)
  elementOf = allocate(<usize>numFeatures << 2)
  memory.fill(elementOf, 0, <usize>numFeatures << 2)
  const bytesOfRow = <f64>numConditions / 8 + <f64>treesPerIteration * <f64>(numFeatures + 1) * 8 + 4
  mostRows = <u32>max<f64>(1, min<f64>(MOST_ROWS, MOST_BLOCK_BYTES / bytesOfRow))
  eightRows = allocate((<usize>numConditions + 15) & ~7)
  frames = allocate(<usize>(deepest + 1) * FRAME)
}

/** Room for a block of `rows` rows, with sums of 0. */
export function prepareBlock(rows: u32): void {
  blockRows = rows
  const listBytes = <usize>rows << 2
  rowList = grown(rowList, rowListCapacity, 0, listBytes)
  rowListCapacity = grownCapacity(rowListCapacity, listBytes)
  const bitBytes = <usize>numConditions * <usize>((rows + 7) >> 3)
  answerBits = grown(answerBits, answerBitsCapacity, 0, bitBytes)
  answerBitsCapacity = grownCapacity(answerBitsCapacity, bitBytes)
  const sumBytes = (<usize>treesPerIteration * (<usize>numFeatures + 1) * <usize>rows) << 3
  columnsOfSums = grown(columnsOfSums, columnsCapacity, 0, sumBytes)
  columnsCapacity = grownCapacity(columnsCapacity, sumBytes)
  memory.fill(columnsOfSums, 0, sumBytes)
  for (let row: u32 = 0; row < rows; row++) store<u32>(rowList + (<usize>row << 2), row << 3)
}

function makeRatios(): void {
  ratios = allocate((<usize>mostElements * <usize>(mostElements + 1)) << 2)
  let to = ratios
  for (let depth: u32 = 1; depth <= mostElements; depth++) {
    for (let i: u32 = 0; i < depth; i++) {
      store<f64>(to, <f64>(depth - i) / <f64>(depth + 1))
      to += 8
    }
  }
}
