import { allocate } from './arena'
import { bucketOf } from './bucket'
import { draftCategorical } from './category-draft'
import { COLUMN, Method, kindsOfFeature } from './columns'
import { CONDITION, Kind, fromOrderedBits } from './conditions'
import { sorted } from './sort'

const LARGEST_TABLED: u32 = 255
const MOST_BUCKETS: u32 = 1024
const buckets = memory.data(1024 * 2, 16)

/**
 * Drafts the column of the `size` sorted conditions from number `first` on: as columns.ts describes it, with the method in the place of
 * the answers' address, and `first` behind it.
 */
export function draftColumn(draft: usize, first: u32, size: u32): void {
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
  const conditions = sorted + <usize>first * CONDITION
  let rankOfZero: u32 = 0
  for (let i: u32 = 0; i < size; i++) rankOfZero += u32(load<i64>(conditions + <usize>i * CONDITION) < 0)
  let rankOfNan = rankOfZero
  if (kind == Kind.NanLeft) rankOfNan = 0
  else if (kind == Kind.NanRight) rankOfNan = size
  else if (kind == Kind.ZeroLeft) rankOfNan = rankOfZero = 0
  else if (kind == Kind.ZeroRight) rankOfNan = rankOfZero = size
  store<u32>(draft, rankOfNan, 36)
  store<u32>(draft, rankOfZero, 40)
  if (size <= 4) return Method.Four
  if (size > LARGEST_TABLED) return Method.Search
  const method = draftBuckets(draft, conditions, size, rankOfNan)
  return method != Method.Search && (kind == Kind.ZeroLeft || kind == Kind.ZeroRight) ? Method.BucketZero : method
}

function draftBuckets(draft: usize, conditions: usize, size: u32, rankOfNan: u32): Method {
  let lowest = thresholdOf(conditions)
  let highest = thresholdOf(conditions + <usize>(size - 1) * CONDITION)
  if (lowest == -Infinity) lowest = thresholdOf(conditions + CONDITION)
  if (highest == Infinity) highest = thresholdOf(conditions + <usize>(size - 2) * CONDITION)
  for (let count: u32 = 16; count <= MOST_BUCKETS; count <<= 1) {
    if (count < size) continue
    const perUnit = <f64>count / (highest - lowest)
    if (!(perUnit > 0 && perUnit < Infinity)) return Method.Search
    const last = <f64>(count - 1)
    memory.fill(buckets, 0, <usize>count << 1)
    let fullest: u32 = 0
    for (let i: u32 = 0; i < size; i++) {
      const bucket = buckets + (<usize>bucketOf(thresholdOf(conditions + <usize>i * CONDITION), lowest, perUnit, last) << 1)
      const filled = <u32>load<u16>(bucket) + 1
      store<u16>(bucket, <u16>filled)
      fullest = max(fullest, filled)
    }
    // Larger tables while they help (two comparisons cost no more than one), up to four buckets per threshold.
    if (fullest > 2 && count < size * 4 && count < MOST_BUCKETS) continue
    if (fullest > 4) return Method.Search
    const ranks = allocate(<usize>count + 16) + 16
    store<u8>(ranks - 1, <u8>rankOfNan)
    let rank: u32 = 0
    for (let i: u32 = 0; i < count; i++) {
      store<u8>(ranks + <usize>i, <u8>rank)
      rank += <u32>load<u16>(buckets + (<usize>i << 1))
    }
    store<f64>(draft, lowest)
    store<f64>(draft, perUnit, 8)
    store<u32>(draft, <u32>ranks, 20)
    store<f64>(draft, <f64>last, 48)
    return fullest <= 2 ? Method.Bucket2 : Method.Bucket4
  }
  return Method.Search
}

// @ts-ignore: decorator
@inline
function thresholdOf(condition: usize): f64 {
  return fromOrderedBits(load<i64>(condition))
}
