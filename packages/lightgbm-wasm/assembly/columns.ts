import { allocate, release } from './arena'
import { CONDITION, Kind, discardBitsets, fromOrderedBits, numConditions } from './conditions'
import { numFeatures } from './forest'
import { sorted } from './sort'

// A column is all conditions on one feature that treat missing values alike. Their thresholds in order, the answers for a value
// x are fixed by its rank, the number of thresholds below it: `right` for the first `rank` conditions, `left` for the others.

/** How a column finds the rank. Columns are stored, and their conditions numbered, in this order. */
export const enum Method {
  /** Compare with all four thresholds. */
  Four,
  /** A table gives the rank up to 1, 2 or 4 comparisons. */
  Bucket1,
  Bucket2,
  Bucket4,
  /** Binary search. */
  Search,
  /** A row of bits per category. */
  CategoryTable,
  /** A bitset per condition. */
  Bitsets,
}
export const METHODS: i32 = 7

/**
 * Per column, 48 bytes: f64 lowest threshold, f64 buckets per unit, u32 feature · 8, u32 buckets' ranks (u8 each), u32 thresholds,
 * u32 address of the conditions' bytes, u32 conditions, u32 rank of NaN, u32 rank of 0, u32 last bucket.
 * Categorical: f64 categories in the table, u32 bits or bitsets in place of the thresholds, u32 bytes per category in place of the last bucket.
 */
export const COLUMN: usize = 48
export let columns: usize = 0
/** Where the columns of each method end. */
export const methodEnds = memory.data(METHODS * 4, 4)

/** One byte per condition: 0 (left) or 8 (right) for the row at hand; and room to write 16 bytes at its end. */
export let answers: usize = 0
/** Feature of each condition, u32, in the order of the answers. */
export let featureOfAnswer: usize = 0
/** Per feature a bit per kind of condition on it, u8. */
export let kindsOfFeature: usize = 0
/** While building: address of the answer by the number that a condition had while reading. */
export let answerOf: usize = 0

const LARGEST_TABLED: u32 = 255
const MOST_BUCKETS: u32 = 1024
const buckets = memory.data(1024 * 2, 16)

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
  answers = allocate(<usize>numConditions + 32)
  featureOfAnswer = allocate(<usize>numConditions << 2)
  answerOf = allocate(<usize>numConditions << 2)
  columns = allocate(<usize>count * COLUMN)
  let column = columns
  let answer = answers
  for (let method = 0; method < METHODS; method++) {
    for (let from = drafts; from < draft; from += COLUMN + 4) {
      if (load<u32>(from, 28) != <u32>method) continue
      memory.copy(column, from, COLUMN)
      store<u32>(column, <u32>answer, 28)
      const size = load<u32>(column, 32)
      const first = load<u32>(from, COLUMN)
      for (let i: u32 = 0; i < size; i++) {
        const number = load<u32>(sorted + <usize>(first + i) * CONDITION, 12)
        store<u32>(answerOf + (<usize>number << 2), <u32>answer + i)
        store<u32>(featureOfAnswer + ((answer - answers + <usize>i) << 2), load<u32>(column, 16) >> 3)
      }
      answer += <usize>size
      column += COLUMN
    }
    store<u32>(methodEnds + (method << 2), <u32>column)
  }
  release(drafts, <usize>count * (COLUMN + 4))
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
  let next = first + 1
  while (next < numConditions && load<u32>(sorted + <usize>next * CONDITION, 8) == column) next++
  return next - first
}

function draftColumn(draft: usize, first: u32, size: u32): void {
  memory.fill(draft, 0, COLUMN)
  const column = load<u32>(sorted + <usize>first * CONDITION, 8)
  const kind = <Kind>(column & 7)
  const kinds = kindsOfFeature + <usize>(column >> 3)
  store<u8>(kinds, load<u8>(kinds) | (<u8>1 << <u8>kind))
  store<u32>(draft, column & ~7, 16)
  store<u32>(draft, size, 32)
  store<u32>(draft, first, COLUMN)
  store<u32>(draft, <u32>(kind == Kind.Categorical ? draftCategorical(draft, first, size) : draftNumeric(draft, first, size, kind)), 28)
}

function draftNumeric(draft: usize, first: u32, size: u32, kind: Kind): Method {
  // Infinity behind the last one: four comparisons may start anywhere.
  const thresholds = allocate(<usize>(size + 4) << 3)
  let rankOfZero: u32 = 0
  for (let i: u32 = 0; i < size + 4; i++) {
    const threshold = i < size ? fromOrderedBits(load<i64>(sorted + <usize>(first + i) * CONDITION)) : Infinity
    store<f64>(thresholds + (<usize>i << 3), threshold)
    rankOfZero += u32(threshold < 0)
  }
  store<u32>(draft, <u32>thresholds, 24)
  let rankOfNan = rankOfZero
  if (kind == Kind.NanLeft) rankOfNan = 0
  else if (kind == Kind.NanRight) rankOfNan = size
  else if (kind == Kind.ZeroLeft) rankOfNan = rankOfZero = 0
  else if (kind == Kind.ZeroRight) rankOfNan = rankOfZero = size
  store<u32>(draft, rankOfNan, 36)
  store<u32>(draft, rankOfZero, 40)
  if (size <= 4) return Method.Four
  return size <= LARGEST_TABLED ? draftBuckets(draft, thresholds, size) : Method.Search
}

/** The bucket of x is monotone in x, so thresholds of lower buckets are below x and those of higher ones are not. */
// @ts-ignore: decorator
@inline
export function bucketOf(x: f64, lowest: f64, perUnit: f64, last: i32): i32 {
  return min(max(<i32>((x - lowest) * perUnit), 0), last)
}

function draftBuckets(draft: usize, thresholds: usize, size: u32): Method {
  let lowest = load<f64>(thresholds)
  let highest = load<f64>(thresholds + (<usize>(size - 1) << 3))
  if (lowest == -Infinity) lowest = load<f64>(thresholds, 8)
  if (highest == Infinity) highest = load<f64>(thresholds + (<usize>(size - 2) << 3))
  for (let count: u32 = 16; count <= MOST_BUCKETS; count <<= 1) {
    if (count < size) continue
    const perUnit = <f64>count / (highest - lowest)
    if (!(perUnit > 0 && perUnit < Infinity)) return Method.Search
    const last = <i32>count - 1
    memory.fill(buckets, 0, <usize>count << 1)
    let fullest: u32 = 0
    for (let i: u32 = 0; i < size; i++) {
      const bucket = buckets + (<usize>bucketOf(load<f64>(thresholds + (<usize>i << 3)), lowest, perUnit, last) << 1)
      const filled = <u32>load<u16>(bucket) + 1
      store<u16>(bucket, <u16>filled)
      fullest = max(fullest, filled)
    }
    // Larger tables while they help, up to four buckets per threshold.
    if (fullest > 1 && count < size * 4 && count < MOST_BUCKETS) continue
    if (fullest > 4) return Method.Search
    const ranks = allocate(<usize>count)
    let rank: u32 = 0
    for (let i: u32 = 0; i < count; i++) {
      store<u8>(ranks + <usize>i, <u8>rank)
      rank += <u32>load<u16>(buckets + (<usize>i << 1))
    }
    store<f64>(draft, lowest)
    store<f64>(draft, perUnit, 8)
    store<u32>(draft, <u32>ranks, 20)
    store<u32>(draft, count - 1, 44)
    return fullest == 1 ? Method.Bucket1 : fullest == 2 ? Method.Bucket2 : Method.Bucket4
  }
  return Method.Search
}

function draftCategorical(draft: usize, first: u32, size: u32): Method {
  let longest: u64 = 0
  let words: u64 = 0
  for (let i: u32 = 0; i < size; i++) {
    const length = <u64>load<u32>(sorted + <usize>(first + i) * CONDITION, 4)
    longest = max(longest, length)
    words += length
  }
  const rowBytes = <u64>(size + 7) >> 3
  const categories = longest << 5
  // A table where it is not much larger than the bitsets, so that no file can ask for more memory than it is worth.
  if ((categories + 1) * rowBytes > words * 16 + 4096) {
    const bitsets = allocate((<usize>size << 3) + (<usize>words << 2))
    let copy = bitsets + (<usize>size << 3)
    for (let i: u32 = 0; i < size; i++) {
      const condition = sorted + <usize>(first + i) * CONDITION
      const length = load<u32>(condition, 4)
      memory.copy(copy, <usize>load<u32>(condition), <usize>length << 2)
      store<u32>(bitsets + (<usize>i << 3), <u32>copy)
      store<u32>(bitsets + (<usize>i << 3), length, 4)
      copy += <usize>length << 2
    }
    store<u32>(draft, <u32>bitsets, 24)
    return Method.Bitsets
  }
  const table = allocate(<usize>((categories + 1) * rowBytes))
  memory.fill(table, 0xff, <usize>((categories + 1) * rowBytes))
  for (let i: u32 = 0; i < size; i += 8) fillTable(table + <usize>(i >> 3), <usize>rowBytes, sorted + <usize>(first + i) * CONDITION, min<u32>(size - i, 8))
  store<f64>(draft, <f64>categories)
  store<u32>(draft, <u32>table, 24)
  store<u32>(draft, <u32>rowBytes, 44)
  return Method.CategoryTable
}

/** Clears the bits of up to eight conditions for the categories in their sets, 8 × 8 of them at a time. */
function fillTable(to: usize, rowBytes: usize, condition: usize, count: u32): void {
  let words: u32 = 0
  for (let i: u32 = 0; i < count; i++) words = max(words, load<u32>(condition + <usize>i * CONDITION, 4))
  for (let byte: u32 = 0; byte < words << 2; byte++) {
    let x: u64 = 0
    for (let i: u32 = 0; i < count; i++) {
      const each = condition + <usize>i * CONDITION
      if (byte >> 2 < load<u32>(each, 4)) x |= <u64>load<u8>(<usize>load<u32>(each) + <usize>byte) << (<u64>i << 3)
    }
    if (x != 0) {
      // Hacker's Delight, 7-3: bit c of byte i becomes bit i of byte c.
      let t = (x ^ (x >> 7)) & 0x00aa00aa00aa00aa
      x ^= t ^ (t << 7)
      t = (x ^ (x >> 14)) & 0x0000cccc0000cccc
      x ^= t ^ (t << 14)
      t = (x ^ (x >> 28)) & 0x00000000f0f0f0f0
      x = ~(x ^ t ^ (t << 28))
      for (let c: usize = 0; c < 8; c++) {
        store<u8>(to + c * rowBytes, <u8>x)
        x >>= 8
      }
    }
    to += rowBytes << 3
  }
}
