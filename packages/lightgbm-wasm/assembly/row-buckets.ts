import { allocate } from './arena'
import { ROUNDING, bucketsRounded } from './bucket'
import { COLUMN, Method, endOf, groupEnd } from './columns'
import { ZERO_THRESHOLD, stairs } from './row'

// The columns whose ranks come from buckets, with SIMD.

/**
 * Per column 32 bytes. Of the row at hand: u64 whose lower half is the address of the rank at the value's bucket, f64 value. Always: u32
 * thresholds, u32 answers, u32 conditions; 4 spare.
 */
let places: usize = 0
const PLACE: usize = 32
/** Per two columns, of both: f64 lowest threshold, f64 buckets per unit, f64 last bucket, u64 buckets' ranks, u32 feature · 8; 8 spare. */
let pairs: usize = 0
let pairsEnd: usize = 0
const PAIR: usize = 80
// Loaded, as V8 makes a constant anew for every pair of columns: f64 ZERO_THRESHOLD, f64 ROUNDING.
const constants = memory.data(16, 16)

export function prepareBuckets(): void {
  if (!ASC_FEATURE_SIMD) return
  store<f64>(constants, ZERO_THRESHOLD)
  store<f64>(constants, ROUNDING, 8)
  const first = endOf(Method.Four)
  const end = endOf(Method.Bucket4)
  const count = (end - first) / COLUMN
  places = allocate((count + 1) * PLACE)
  pairs = allocate(((count + 1) >> 1) * PAIR)
  let place = places
  for (let column = first; column < end; column += COLUMN) {
    memory.copy(place + 16, column + 24, 12)
    place += PLACE
  }
  pairsEnd = pairs
  for (let column = first; column < end; column += 2 * COLUMN) {
    writeHalf(pairsEnd, pairsEnd + 64, column)
    // A last one without another is looked up twice.
    writeHalf(pairsEnd + 8, pairsEnd + 68, column + COLUMN < end ? column + COLUMN : column)
    pairsEnd += PAIR
  }
}

function writeHalf(to: usize, feature: usize, column: usize): void {
  store<f64>(to, load<f64>(column))
  store<f64>(to, load<f64>(column, 8), 16)
  store<f64>(to, load<f64>(column, 48), 32)
  store<u64>(to, <u64>load<u32>(column, 20), 48)
  store<u32>(feature, load<u32>(column, 16))
}

/**
 * Answers the columns from `first` on, the first one with buckets; returns the column behind the last. In two rounds: a value's way to its
 * answers is long, and of halves of it a processor works on twice as many at once.
 */
export function answerBuckets(row: usize, first: usize): usize {
  const zero = v128.load_splat<f64>(constants)
  const rounding = v128.load_splat<f64>(constants, 8)
  let place = places
  for (let pair = pairs, last = pairsEnd; pair < last; pair += PAIR) {
    const read = v128.load_lane<f64>(row + load<u32>(pair, 68), v128.load_zero<f64>(row + load<u32>(pair, 64)), 1)
    const x = v128.andnot(read, f64x2.le(f64x2.abs(read), zero))
    const buckets = bucketsRounded(x, v128.load(pair), v128.load(pair, 16), v128.load(pair, 32), rounding)
    // NaN is in bucket -1, and above no threshold.
    const ranks = i64x2.add(v128.or(buckets, f64x2.ne(x, x)), v128.load(pair, 48))
    v128.store(place, v128.shuffle<f64>(ranks, x, 0, 2))
    v128.store(place, v128.shuffle<f64>(ranks, x, 1, 3), PLACE)
    place += 2 * PLACE
  }
  place = writeGroups(places, first, groupEnd(Method.Bucket2, 1), 2, false)
  place = writeGroups(place, first, groupEnd(Method.Bucket2, 3), 4, false)
  place = writeGroups(place, first, endOf(Method.Bucket2), 0, false)
  place = writeGroups(place, first, groupEnd(Method.Bucket4, 1), 2, true)
  place = writeGroups(place, first, groupEnd(Method.Bucket4, 3), 4, true)
  writeGroups(place, first, endOf(Method.Bucket4), 0, true)
  return endOf(Method.Bucket4)
}

/**
 * Writes the answers of the columns from the place `from` on and before `endColumn`; returns the next place. `copies`: steps of 16 answers,
 * or 0 where columns have more than four. What is written too much belongs to columns that come later. `four`: up to four comparisons.
 */
// @ts-ignore: decorator
@inline
function writeGroups(from: usize, first: usize, endColumn: usize, copies: u32, four: bool): usize {
  let place = from
  for (const end = places + ((endColumn - first) / COLUMN) * PLACE; place < end; place += PLACE) {
    const rank = <usize>load<u8>(<usize>load<u32>(place))
    const x = v128.load_splat<f64>(place, 8)
    const t = <usize>load<u32>(place, 16) + (rank << 3)
    const two = f64x2.gt(x, v128.load(t))
    const above = four ? i32x4.bitmask(v128.shuffle<i32>(two, f64x2.gt(x, v128.load(t, 16)), 0, 2, 4, 6)) : i64x2.bitmask(two)
    const stair = stairs + 256 - rank - <usize>popcnt(above)
    const to = <usize>load<u32>(place, 20)
    v128.store(to, v128.load(stair))
    v128.store(to, v128.load(stair, 16), 16)
    if (copies != 2) {
      v128.store(to, v128.load(stair, 32), 32)
      v128.store(to, v128.load(stair, 48), 48)
    }
    if (copies == 0) {
      const size = load<u32>(place, 24)
      for (let i: u32 = 64; i < size; i += 16) v128.store(to + i, v128.load(stair + i))
    }
  }
  return place
}
