import { bits, columnList, columnListEnd } from './batch-tables'
import { bucketOf, bucketsOf } from './bucket'
import { Method, answers } from './columns'
import { numFeatures } from './forest'
import { ZERO_THRESHOLD, actualRank, isInSet, searchedRank } from './row'
import { BYTES, ROWS, SHIFT, and, bytesOf, or, shiftLeft, shiftRight } from './word'

// Answers every condition for a block of rows. A value's rank in its column is found as for a single row; the row's bit then goes
// to the word of that rank, and one pass from the highest rank down ors the words together: a condition is answered `right` by the
// rows whose rank is above it. That is one byte per row and a word per condition, however many conditions there are.

/** Features laid out at once: a cache line of each row, one column of values per feature. */
const TILE: u32 = 8
let tile: usize = 0
/** A word per rank, all 0 between two columns. */
let ranks: usize = 0

export function tileBytes(): usize {
  return <usize>(TILE * ROWS) << 3
}

/** `rankWords`: words for one more than the conditions of the largest column, zeroed. */
export function placeAnswers(tileAt: usize, rankWords: usize): void {
  tile = tileAt
  ranks = rankWords
}

/** Answers the conditions for `count` rows at `rows`. What the bits of other rows of the block are is left open. */
export function answerBlock(rows: usize, count: u32): void {
  let laidOut: u32 = u32.MAX_VALUE
  for (let entry = columnList; entry < columnListEnd; entry += 8) {
    const column = <usize>load<u32>(entry)
    const feature = load<u32>(column, 16) >> 3
    if (feature / TILE != laidOut) {
      laidOut = feature / TILE
      layOut(rows, laidOut * TILE, count)
    }
    const values = tile + ((<usize>(feature % TILE) * <usize>ROWS) << 3)
    const words = bits + (<usize>load<u32>(column, 28) - answers) * BYTES
    const method = <Method>load<u32>(entry, 4)
    if (method == Method.CategoryTable) answerCategories(column, values, words, count)
    else if (method == Method.Bitsets) answerSets(column, values, words, count)
    else {
      if (method == Method.Search) markSearched(column, values, count)
      else if (!ASC_FEATURE_SIMD) markBuckets(column, values, count)
      else if (load<u32>(column, 36) == load<u32>(column, 40)) markPairs(column, values, count, true)
      else markPairs(column, values, count, false)
      if (ASC_FEATURE_SIMD) sumRanks<v128>(words, load<u32>(column, 32))
      else sumRanks<u64>(words, load<u32>(column, 32))
    }
  }
}

/** Transposes the values of some features: `tile` is f64 [TILE][ROWS]. */
function layOut(rows: usize, first: u32, count: u32): void {
  const rowBytes = <usize>numFeatures << 3
  const features = <usize>min(TILE, numFeatures - first)
  let from = rows + (<usize>first << 3)
  const end = tile + (<usize>count << 3)
  if (features == 8) {
    for (let to = tile; to < end; to += 8) {
      store<f64>(to, load<f64>(from))
      store<f64>(to, load<f64>(from, 8), <usize>ROWS << 3)
      store<f64>(to, load<f64>(from, 16), <usize>ROWS << 4)
      store<f64>(to, load<f64>(from, 24), (<usize>ROWS << 3) * 3)
      store<f64>(to, load<f64>(from, 32), <usize>ROWS << 5)
      store<f64>(to, load<f64>(from, 40), (<usize>ROWS << 3) * 5)
      store<f64>(to, load<f64>(from, 48), (<usize>ROWS << 3) * 6)
      store<f64>(to, load<f64>(from, 56), (<usize>ROWS << 3) * 7)
      from += rowBytes
    }
    return
  }
  for (let to = tile; to < end; to += 8) {
    for (let f: usize = 0; f < features; f++) store<f64>(to + ((f * <usize>ROWS) << 3), load<f64>(from + (f << 3)))
    from += rowBytes
  }
}

// Four thresholds are compared whatever the buckets hold: those behind a value's bucket are not below it. A column without
// buckets has zeros in their place, so that its first rank is the byte at address 0, which is 0.

function markBuckets(column: usize, values: usize, count: u32): void {
  const lowest = load<f64>(column)
  const perUnit = load<f64>(column, 8)
  const buckets = <usize>load<u32>(column, 20)
  const thresholds = <usize>load<u32>(column, 24)
  const last = load<f64>(column, 48)
  for (let row: u32 = 0; row < count; row++) {
    const x = load<f64>(values + (<usize>row << 3))
    const rank = <u32>load<u8>(buckets + <usize>bucketOf(x, lowest, perUnit, last))
    const t = thresholds + (<usize>rank << 3)
    const above = u32(x > load<f64>(t)) + u32(x > load<f64>(t, 8)) + u32(x > load<f64>(t, 16)) + u32(x > load<f64>(t, 24))
    mark(actualRank(column, x, rank + above), row)
  }
}

/** The same for two rows at a time. `alike`: NaN has the rank of 0. */
// @ts-ignore: decorator
@inline
function markPairs(column: usize, values: usize, count: u32, alike: bool): void {
  const lowest = f64x2.splat(load<f64>(column))
  const perUnit = f64x2.splat(load<f64>(column, 8))
  const buckets = <usize>load<u32>(column, 20)
  const thresholds = <usize>load<u32>(column, 24)
  const last = f64x2.splat(load<f64>(column, 48))
  const ofNan = load<u32>(column, 36)
  const ofZero = load<u32>(column, 40)
  for (let row: u32 = 0; row < count; row += 2) {
    const x = v128.load(values + (<usize>row << 3))
    const bucket = bucketsOf(x, lowest, perUnit, last)
    let first = <u32>load<u8>(buckets + <usize>i32x4.extract_lane(bucket, 0))
    let second = <u32>load<u8>(buckets + <usize>i32x4.extract_lane(bucket, 2))
    first += above(v128.shuffle<f64>(x, x, 0, 0), thresholds + (<usize>first << 3))
    second += above(v128.shuffle<f64>(x, x, 1, 1), thresholds + (<usize>second << 3))
    const ordinary = i64x2.bitmask(f64x2.gt(f64x2.abs(x), f64x2.splat(ZERO_THRESHOLD)))
    first = select<u32>(first, ofZero, (ordinary & 1) != 0)
    second = select<u32>(second, ofZero, (ordinary & 2) != 0)
    if (!alike) {
      const nan = i64x2.bitmask(f64x2.ne(x, x))
      first = select<u32>(ofNan, first, (nan & 1) != 0)
      second = select<u32>(ofNan, second, (nan & 2) != 0)
    }
    mark(first, row)
    mark(second, row + 1)
  }
}

/** How many of four thresholds are below x, in both lanes. */
// @ts-ignore: decorator
@inline
function above(x: v128, t: usize): u32 {
  return <u32>popcnt(i64x2.bitmask(f64x2.gt(x, v128.load(t))) | (i64x2.bitmask(f64x2.gt(x, v128.load(t, 16))) << 2))
}

function markSearched(column: usize, values: usize, count: u32): void {
  for (let row: u32 = 0; row < count; row++) {
    const x = load<f64>(values + (<usize>row << 3))
    mark(actualRank(column, x, searchedRank(column, x)), row)
  }
}

// @ts-ignore: decorator
@inline
function mark(rank: u32, row: u32): void {
  const at = ranks + <usize>rank * BYTES + (<usize>row & (BYTES - 1))
  store<u8>(at, load<u8>(at) | <u8>(<u32>1 << (row >> <u32>SHIFT)))
}

function sumRanks<T>(words: usize, size: u32): void {
  let sum = bytesOf<T>(0)
  for (let i = <usize>size * BYTES; i > 0; i -= BYTES) {
    sum = or<T>(sum, load<T>(ranks + i))
    store<T>(ranks + i, bytesOf<T>(0))
    store<T>(words + i - BYTES, sum)
  }
  store<T>(ranks, bytesOf<T>(0))
}

/** The table's bytes have eight conditions of one row: BYTES rows of them are turned into the bits of each condition. */
function answerCategories(column: usize, values: usize, words: usize, count: u32): void {
  const categories = load<f64>(column)
  const table = <usize>load<u32>(column, 24)
  const rowBytes = <usize>load<u32>(column, 44)
  const size = <usize>load<u32>(column, 32)
  for (let first: u32 = 0; first < count; first += <u32>BYTES) {
    const rows = min<usize>(BYTES, <usize>(count - first))
    for (let y: usize = 0; y < rows; y++) {
      const x = load<f64>(values + ((<usize>first + y) << 3))
      const row = <usize>(x > -1 && x < min<f64>(categories, 2147483648) ? <u32>x : <u32>categories)
      const from = table + row * rowBytes
      for (let k: usize = 0; k < rowBytes; k++) store<u8>(ranks + k * BYTES + y, load<u8>(from + k))
    }
    if (ASC_FEATURE_SIMD) spreadBits<v128>(words, size, <i32>(first >> <u32>SHIFT))
    else spreadBits<u64>(words, size, <i32>(first >> <u32>SHIFT))
  }
  memory.fill(ranks, 0, rowBytes * BYTES)
}

// @ts-ignore: decorator
@inline
function spreadBits<T>(words: usize, size: usize, to: i32): void {
  const ones = bytesOf<T>(1)
  let from = ranks
  for (let i: usize = 0; i < size; from += BYTES) {
    let byte = load<T>(from)
    for (const end = min(i + 8, size); i < end; i++) {
      const word = words + i * BYTES
      const bit = shiftLeft<T>(and<T>(byte, ones), to)
      store<T>(word, to == 0 ? bit : or<T>(load<T>(word), bit))
      byte = shiftRight<T>(byte, 1)
    }
  }
}

function answerSets(column: usize, values: usize, words: usize, count: u32): void {
  const bitsets = <usize>load<u32>(column, 24)
  const size = <usize>load<u32>(column, 32)
  memory.fill(words, 0, size * BYTES)
  for (let row: u32 = 0; row < count; row++) {
    const x = load<f64>(values + (<usize>row << 3))
    const known = x > -1 && x < 2147483648
    const category: u32 = known ? <u32>x : 0
    const at = words + (<usize>row & (BYTES - 1))
    const bit = <u8>(<u32>1 << (row >> <u32>SHIFT))
    for (let i: usize = 0; i < size; i++) {
      if (known && isInSet(bitsets + (i << 3), category)) continue
      const byte = at + i * BYTES
      store<u8>(byte, load<u8>(byte) | bit)
    }
  }
}
