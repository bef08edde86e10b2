import { allocate, release } from './arena'
import { draftColumn } from './column-draft'
import { CONDITION, Kind, discardBitsets, fromOrderedBits, keepConditionsUpTo, numConditions } from './conditions'
import { mostLeaves, numFeatures } from './forest'
import { sorted } from './sort'

// A column is all conditions on one feature that treat missing values alike. Their thresholds in order, the answers for a value
// x are fixed by its rank, the number of thresholds below it: `right` for the first `rank` conditions, `left` for the others.

/** How a column finds the rank. Columns are stored, and their conditions numbered, in this order. */
export const enum Method {
  /** Compare with all four thresholds. */
  Four,
  /** A table gives the rank up to 2 or 4 comparisons. */
  Bucket2,
  Bucket4,
  /** The same where 0 is missing. */
  BucketZero,
  /** Binary search. */
  Search,
  /** A row of bits per category. */
  CategoryTable,
  /** A bitset per condition. */
  Bitsets,
}
export const METHODS: i32 = 7
// Within a method columns are in order of the steps of 16 that their answers take, so that a processor foresees where loops end.
const SIZES: u32 = 16
const groups = memory.data(METHODS * 16 * 8, 4)

/**
 * Per column, 56 bytes: f64 lowest threshold, f64 buckets per unit, u32 feature · 8, u32 buckets' ranks (u8 each, that of NaN in front),
 * u32 thresholds, u32 address of the conditions' bytes, u32 conditions, u32 rank of NaN, u32 rank of 0, 4 spare, f64 last bucket.
 * Categorical: f64 categories in the table, u32 bits or bitsets in place of the thresholds, u32 bytes per category in the spare place.
 */
export const COLUMN: usize = 56
export let columns: usize = 0

/** Where the columns of a method end. */
// @ts-ignore: decorator
@inline
export function endOf(method: Method): usize {
  return groupEnd(method, SIZES - 1)
}

/** Where the columns of a method end whose answers take up to `steps` + 1 steps of 16. */
// @ts-ignore: decorator
@inline
export function groupEnd(method: Method, steps: u32): usize {
  return <usize>load<u32>(groups + (<usize>((<u32>method) * SIZES + steps) << 3))
}

/** One byte per condition: 0 (left) or 8 (right) for the row at hand; and room to write 64 bytes at its end. */
export let answers: usize = 0
/** Answers of leaves, in front of the others: always 0, one byte per leaf of the largest tree. */
export let zeros: usize = 0
/** Feature of each condition, u32, in the order of the answers. */
export let featureOfAnswer: usize = 0
/** Per feature a bit per kind of condition on it, u8. */
export let kindsOfFeature: usize = 0
/** While building: address of the answer by the number that a condition had while reading. */
export let answerOf: usize = 0

/** More sets of a feature make another column: small tables fit where memory is free while the sets are still needed. */
const MOST_SETS: u32 = 256

export function buildColumns(): void {
  const count = countColumns()
  kindsOfFeature = allocate(<usize>numFeatures)
  memory.fill(kindsOfFeature, 0, <usize>numFeatures)
  // Each column twice: first in the order of the features, with the method in the place of the answers' address. Categorical ones
  // come before all other tables, which then fit where the bitsets were.
  const drafts = allocate(<usize>count * (COLUMN + 4))
  draftColumns(drafts, true)
  discardBitsets()
  const draft = draftColumns(drafts, false)
  const zeroBytes = (<usize>mostLeaves + 15) & ~15
  zeros = allocate(zeroBytes + <usize>numConditions + 80)
  memory.fill(zeros, 0, zeroBytes)
  answers = zeros + zeroBytes
  answerOf = allocate(<usize>numConditions << 2)
  columns = allocate(<usize>count * COLUMN)
  orderColumns(drafts, draft)
  placeThresholds(drafts, draft)
  release(drafts, <usize>count * (COLUMN + 4))
  listFeatures()
}

/** The columns by group, and their answers in this order. A draft gets the address of its column in place of the thresholds'. */
function orderColumns(drafts: usize, draft: usize): void {
  listGroups(drafts, draft)
  for (let from = drafts; from < draft; from += COLUMN + 4) {
    const group = groupOf(from)
    const column = <usize>load<u32>(group)
    const answer = load<u32>(group, 4)
    const size = load<u32>(from, 32)
    memory.copy(column, from, COLUMN)
    store<u32>(column, answer, 28)
    const first = load<u32>(from, COLUMN)
    for (let i: u32 = 0; i < size; i++) {
      const number = load<u32>(sorted + <usize>(first + i) * CONDITION, 12)
      store<u32>(answerOf + (<usize>number << 2), answer + i)
    }
    if (load<u32>(from, 28) <= <u32>Method.Search) store<u32>(from, <u32>column, 24)
    store<u32>(group, <u32>column + <u32>COLUMN)
    store<u32>(group, answer + size, 4)
  }
}

/** Thresholds take half the room of conditions, and their place: memory is never given back. A first few columns may not fit. */
function placeThresholds(drafts: usize, draft: usize): void {
  let next = sorted
  for (let from = drafts; from < draft; from += COLUMN + 4) {
    if (load<u32>(from, 28) > <u32>Method.Search) continue
    const size = load<u32>(from, 32)
    let condition = sorted + <usize>load<u32>(from, COLUMN) * CONDITION
    const bytes = (<usize>size + 4) << 3
    const end = condition + <usize>size * CONDITION
    const fits = next + bytes <= end
    let threshold = fits ? next : allocate(bytes)
    if (fits) next += bytes
    store<u32>(<usize>load<u32>(from, 24), <u32>threshold, 24)
    for (; condition < end; condition += CONDITION) {
      store<f64>(threshold, fromOrderedBits(load<i64>(condition)))
      threshold += 8
    }
    // Infinity behind the last one: four comparisons may start anywhere.
    for (let i = 0; i < 4; i++) {
      store<f64>(threshold, Infinity)
      threshold += 8
    }
  }
  keepConditionsUpTo(next)
}

function listFeatures(): void {
  featureOfAnswer = allocate(<usize>numConditions << 2)
  let to = featureOfAnswer
  const end = endOf(Method.Bitsets)
  for (let column = columns; column < end; column += COLUMN) {
    const size = load<u32>(column, 32)
    for (let i: u32 = 0; i < size; i++) {
      store<u32>(to, load<u32>(column, 16) >> 3)
      to += 4
    }
  }
}

/** Where the next column of the draft's group goes (u32), and its first answer (u32). */
// @ts-ignore: decorator
@inline
function groupOf(draft: usize): usize {
  return groups + (<usize>(load<u32>(draft, 28) * SIZES + min<u32>((load<u32>(draft, 32) - 1) >> 4, SIZES - 1)) << 3)
}

/** Makes room for the groups one after the other. */
function listGroups(drafts: usize, end: usize): void {
  memory.fill(groups, 0, <usize>METHODS * SIZES * 8)
  for (let draft = drafts; draft < end; draft += COLUMN + 4) {
    const group = groupOf(draft)
    store<u32>(group, load<u32>(group) + <u32>COLUMN)
    store<u32>(group, load<u32>(group, 4) + load<u32>(draft, 32), 4)
  }
  let column = <u32>columns
  let answer = <u32>answers
  for (let i: u32 = 0; i < <u32>METHODS * SIZES; i++) {
    const group = groups + (<usize>i << 3)
    const columnBytes = load<u32>(group)
    const size = load<u32>(group, 4)
    store<u32>(group, column)
    store<u32>(group, answer, 4)
    column += columnBytes
    answer += size
  }
}

/** Drafts the categorical columns, or the others; returns where the drafts end. */
function draftColumns(drafts: usize, categorical: bool): usize {
  let draft = drafts
  for (let first: u32 = 0; first < numConditions; ) {
    const size = columnSize(first)
    const kind = <Kind>(load<u32>(sorted + <usize>first * CONDITION, 8) & 7)
    if ((kind == Kind.Categorical) == categorical) draftColumn(draft, first, size)
    first += size
    draft += COLUMN + 4
  }
  return draft
}

export function discardAnswerOf(): void {
  release(answerOf, <usize>numConditions << 2)
  answerOf = 0
}

function countColumns(): u32 {
  let count: u32 = 0
  for (let first: u32 = 0; first < numConditions; first += columnSize(first)) count++
  return count
}

function columnSize(first: u32): u32 {
  const column = load<u32>(sorted + <usize>first * CONDITION, 8)
  const end = <Kind>(column & 7) == Kind.Categorical ? min(first + MOST_SETS, numConditions) : numConditions
  let next = first + 1
  while (next < end && load<u32>(sorted + <usize>next * CONDITION, 8) == column) next++
  return next - first
}
