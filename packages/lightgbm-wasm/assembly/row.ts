import { answerBuckets, prepareBuckets } from './row-buckets'
import { bucketOf } from './bucket'
import { COLUMN, Method, columns, endOf } from './columns'

/** LightGBM's kZeroThreshold, 1e-35 as float32: its dense C API drops values up to here before it predicts. */
export const ZERO_THRESHOLD: f64 = 1.0000000180025095e-35

const LONGEST_STEP: u32 = 256
// Answers of a column by rank: 256 times right, then 256 times left, to be copied from (256 - rank) on.
export const stairs = memory.data(256 + 256 + 64, 16)
// Eight answers by the eight bits of a category table.
const spread = memory.data(256 * 8, 16)

export function prepareRow(): void {
  memory.fill(stairs, 8, 256)
  prepareBuckets()
  for (let bits: usize = 0; bits < 256; bits++) {
    for (let i: usize = 0; i < 8; i++) store<u8>(spread + (bits << 3) + i, <u8>((bits >> i) & 1) << 3)
  }
}

/** Answers every condition for one row of f64. */
export function answerRow(row: usize): void {
  let column = columns
  for (const end = endOf(Method.Four); column < end; column += COLUMN) {
    const x = load<f64>(row + load<u32>(column, 16))
    const t = <usize>load<u32>(column, 24)
    const rank = aboveTwo(x, t) + aboveTwo(x, t + 16)
    store<u64>(<usize>load<u32>(column, 28), load<u64>(stairs + 256 - actualRank(column, x, rank)))
  }
  if (ASC_FEATURE_SIMD) column = answerBuckets(row, column)
  else for (const end = endOf(Method.Bucket2); column < end; column += COLUMN) answerBucket(row, column, false)
  for (const end = endOf(Method.BucketZero); column < end; column += COLUMN) answerBucket(row, column, true)
  for (const end = endOf(Method.Search); column < end; column += COLUMN) {
    const x = load<f64>(row + load<u32>(column, 16))
    writeAnswers(column, actualRank(column, x, searchedRank(column, x)))
  }
  for (const end = endOf(Method.CategoryTable); column < end; column += COLUMN) answerCategory(column, load<f64>(row + load<u32>(column, 16)))
  for (const end = endOf(Method.Bitsets); column < end; column += COLUMN) answerBitsets(column, load<f64>(row + load<u32>(column, 16)))
}

// @ts-ignore: decorator
@inline
function answerBucket(row: usize, column: usize, four: bool): void {
  const x = load<f64>(row + load<u32>(column, 16))
  const rank = lowestRank(column, x)
  const t = <usize>load<u32>(column, 24) + (<usize>rank << 3)
  writeAnswers(column, actualRank(column, x, rank + aboveTwo(x, t) + (four ? aboveTwo(x, t + 16) : 0)))
}

/** How many of the two thresholds at `t` are below x. */
// @ts-ignore: decorator
@inline
function aboveTwo(x: f64, t: usize): u32 {
  if (ASC_FEATURE_SIMD) return <u32>popcnt(i64x2.bitmask(f64x2.gt(f64x2.splat(x), v128.load(t))))
  return u32(x > load<f64>(t)) + u32(x > load<f64>(t, 8))
}

// @ts-ignore: decorator
@inline
function lowestRank(column: usize, x: f64): u32 {
  const bucket = bucketOf(x, load<f64>(column), load<f64>(column, 8), load<f64>(column, 48))
  return <u32>load<u8>(<usize>load<u32>(column, 20) + <usize>bucket)
}

// @ts-ignore: decorator
@inline
export function actualRank(column: usize, x: f64, rank: u32): u32 {
  const ofNumber = select<u32>(load<u32>(column, 40), rank, abs(x) <= ZERO_THRESHOLD)
  return select<u32>(load<u32>(column, 36), ofNumber, x != x)
}

export function searchedRank(column: usize, x: f64): u32 {
  const thresholds = <usize>load<u32>(column, 24)
  let low: u32 = 0
  let length = load<u32>(column, 32)
  while (length > 0) {
    const half = length >> 1
    const above = x > load<f64>(thresholds + (<usize>(low + half) << 3))
    low = select<u32>(low + half + 1, low, above)
    length = select<u32>(length - half - 1, half, above)
  }
  return low
}

// @ts-ignore: decorator
@inline
function writeAnswers(column: usize, rank: u32): void {
  const to = <usize>load<u32>(column, 28)
  const size = load<u32>(column, 32)
  if (size > LONGEST_STEP) {
    memory.fill(to, 8, rank)
    memory.fill(to + rank, 0, size - rank)
    return
  }
  const from = stairs + 256 - rank
  for (let i: u32 = 0; i < size; i += 16) copy16(to + i, from + i)
}

// @ts-ignore: decorator
@inline
export function copy16(to: usize, from: usize): void {
  if (ASC_FEATURE_SIMD) v128.store(to, v128.load(from))
  else {
    store<u64>(to, load<u64>(from))
    store<u64>(to, load<u64>(from, 8), 8)
  }
}

/** As in C on x86: truncated towards zero; NaN, negative and beyond 2^31 are in no set. */
function answerCategory(column: usize, x: f64): void {
  const categories = load<f64>(column)
  const row = <usize>(x > -1 && x < min<f64>(categories, 2147483648) ? <u32>x : <u32>categories)
  const rowBytes = load<u32>(column, 44)
  const bits = <usize>load<u32>(column, 24) + row * <usize>rowBytes
  const to = <usize>load<u32>(column, 28)
  let i: u32 = 0
  if (ASC_FEATURE_SIMD) {
    const mask = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128)
    for (; i + 2 <= rowBytes; i += 2) {
      const pair = i16x8.splat(load<i16>(bits + i))
      const each = v128.and(v128.shuffle<u8>(pair, pair, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1), mask)
      v128.store(to + (<usize>i << 3), v128.and(i8x16.eq(each, mask), i8x16.splat(8)))
    }
  }
  for (; i < rowBytes; i++) store<u64>(to + (<usize>i << 3), load<u64>(spread + (<usize>load<u8>(bits + i) << 3)))
}

function answerBitsets(column: usize, x: f64): void {
  const bitsets = <usize>load<u32>(column, 24)
  const to = <usize>load<u32>(column, 28)
  const size = load<u32>(column, 32)
  const known = x > -1 && x < 2147483648
  const category: u32 = known ? <u32>x : 0
  for (let i: u32 = 0; i < size; i++) store<u8>(to + i, known && isInSet(bitsets + (<usize>i << 3), category) ? 0 : 8)
}

/** `bitset`: u32 address, u32 words. */
// @ts-ignore: decorator
@inline
export function isInSet(bitset: usize, category: u32): bool {
  const word = category >> 5
  return word < load<u32>(bitset, 4) && ((load<u32>(<usize>load<u32>(bitset) + (<usize>word << 2)) >> (category & 31)) & 1) != 0
}
