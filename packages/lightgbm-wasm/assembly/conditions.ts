import { allocate, extend, release } from './arena'

// The distinct conditions of a model. All nodes that ask the same question share one, so it is answered once per row.

/** How a numeric condition treats what is missing; and the categorical ones. */
export const enum Kind {
  /** NaN counts as 0. */
  Plain,
  ZeroLeft,
  ZeroRight,
  NanLeft,
  NanRight,
  Categorical,
}

/**
 * Per condition, 16 bytes: i64 key, u32 feature · 8 + kind, u32 number (its hash while reading).
 * Key: the threshold as an integer in the same order; or u32 address of the bitset, u32 its length in words.
 */
export let conditions: usize = 0
export let conditionCapacity: usize = 0
export let numConditions: u32 = 0
export const CONDITION: usize = 16

/** The bitsets, in chunks: u32 next chunk, u32 bytes, then the words. They are given back together. */
let chunk: usize = 0
let chunkUsed: usize = 0
const CHUNK: usize = 16384

let table: usize = 0
let tableSize: u32 = 0

/** Makes room for what a model of so many leaves may have, so that little is moved, and leaves holes, as it grows. */
export function startConditions(leaves: u32): void {
  const likely = min<u32>(leaves - (leaves >> 2), 24576)
  conditionCapacity = <usize>likely * CONDITION
  conditions = allocate(conditionCapacity)
  growTable(likely)
}

/** Column (feature · 8 + kind) of a numeric condition. */
// @ts-ignore: decorator
@inline
export function numericColumn(feature: u32, decision: u32): u32 {
  const missing = decision >> 2
  // Plain, or the left one of two neighbours.
  const kind = select<u32>(missing * 2 - 1, <u32>Kind.Plain, missing == 1 || missing == 2)
  return (feature << 3) | (kind + u32(kind != <u32>Kind.Plain && (decision & 2) == 0))
}

// @ts-ignore: decorator
@inline
export function numericKey(threshold: f64): i64 {
  return orderedBits(threshold + 0.0)
}

/** What the table holds where the condition would be: 1 + its number as a rule, but any condition's, or 0. */
// @ts-ignore: decorator
@inline
export function numericGuess(column: u32, key: i64): u32 {
  return entryAt(numericHash(column, key) & (tableSize - 1))
}

// @ts-ignore: decorator
@inline
export function isCondition(entry: u32, column: u32, key: i64): bool {
  const condition = conditions + <usize>(entry - 1) * CONDITION
  return entry != 0 && load<i64>(condition) == key && load<u32>(condition, 8) == column
}

// @ts-ignore: decorator
@inline
function numericHash(column: u32, key: i64): u32 {
  return mixed(<u64>key ^ (<u64>column * 0x9e3779b97f4a7c15))
}

export function numericCondition(column: u32, key: i64): u32 {
  const hash = numericHash(column, key)
  makeRoom()
  let slot = hash & (tableSize - 1)
  for (let entry = entryAt(slot); entry != 0; entry = entryAt(slot)) {
    if (isCondition(entry, column, key)) return entry - 1
    slot = (slot + 1) & (tableSize - 1)
  }
  return add(slot, key, column, hash)
}

/** `words`: the bitset of categories that go left, copied when it is new. */
export function categoricalCondition(feature: u32, words: usize, length: u32): u32 {
  while (length > 0 && load<u32>(words + (<usize>(length - 1) << 2)) == 0) length--
  const column = (feature << 3) | <u32>Kind.Categorical
  let sum: u64 = <u64>column
  for (let i: u32 = 0; i < length; i++) sum = (sum ^ <u64>load<u32>(words + (<usize>i << 2))) * 0x9e3779b97f4a7c15
  const hash = mixed(sum)
  const bytes = <usize>length << 2
  makeRoom()
  let slot = hash & (tableSize - 1)
  for (let entry = entryAt(slot); entry != 0; entry = entryAt(slot)) {
    const condition = conditions + <usize>(entry - 1) * CONDITION
    const same = load<u32>(condition, 8) == column && load<u32>(condition, 4) == length
    if (same && memory.compare(<usize>load<u32>(condition), words, bytes) == 0) return entry - 1
    slot = (slot + 1) & (tableSize - 1)
  }
  const copy = takeWords(bytes)
  memory.copy(copy, words, bytes)
  return add(slot, <i64>(<u64>copy | (<u64>length << 32)), column, hash)
}

/** Gives back what only reading needs. */
export function discardTable(): void {
  release(table, <usize>tableSize << 2)
  table = 0
  tableSize = 0
}

export function discardBitsets(): void {
  while (chunk != 0) {
    const next = <usize>load<u32>(chunk)
    release(chunk, <usize>load<u32>(chunk, 4))
    chunk = next
  }
}

/** Gives the conditions back from `end` on. */
export function keepConditionsUpTo(end: usize): void {
  const kept = (end - conditions + 15) & ~15
  if (kept < conditionCapacity) release(conditions + kept, conditionCapacity - kept)
  conditions = 0
}

/** Integers that sort as the doubles do; its own inverse. Not for NaN. */
export function orderedBits(value: f64): i64 {
  const bits = reinterpret<i64>(value)
  return bits ^ ((bits >> 63) & 0x7fffffffffffffff)
}

export function fromOrderedBits(bits: i64): f64 {
  return reinterpret<f64>(bits ^ ((bits >> 63) & 0x7fffffffffffffff))
}

// @ts-ignore: decorator
@inline
function entryAt(slot: u32): u32 {
  return load<u32>(table + (<usize>slot << 2))
}

function mixed(value: u64): u32 {
  value ^= value >> 32
  value *= 0xd6e8feb86659fd93
  value ^= value >> 32
  return <u32>value
}

function takeWords(bytes: usize): usize {
  if (chunk == 0 || chunkUsed + bytes > <usize>load<u32>(chunk, 4)) {
    const size = max(CHUNK, bytes + 8)
    const next = allocate(size)
    store<u32>(next, <u32>chunk)
    store<u32>(next, <u32>size, 4)
    chunk = next
    chunkUsed = 8
  }
  const words = chunk + chunkUsed
  chunkUsed += bytes
  return words
}

function add(slot: u32, key: i64, column: u32, hash: u32): u32 {
  const condition = conditions + <usize>numConditions * CONDITION
  store<i64>(condition, key)
  store<u32>(condition, column, 8)
  store<u32>(condition, hash, 12)
  store<u32>(table + (<usize>slot << 2), numConditions + 1)
  return numConditions++
}

/** Room for one more condition, in a table at most three quarters full. */
export function makeRoom(): void {
  const used = <usize>numConditions * CONDITION
  if (used == conditionCapacity) {
    // By a sixteenth, where it lies if that is possible: this is the largest block while reading, and memory is never given back.
    const capacity = max<usize>(used + (used >> 4), 8192) & ~15
    if (!extend(conditions, conditionCapacity, capacity)) {
      const next = allocate(capacity)
      memory.copy(next, conditions, used)
      release(conditions, conditionCapacity)
      conditions = next
    }
    conditionCapacity = capacity
  }
  if ((numConditions + 1) * 4 > tableSize * 3) growTable(1024)
}

function growTable(least: u32): void {
  release(table, <usize>tableSize << 2)
  tableSize = max<u32>(tableSize * 2, 1 << (32 - clz(least - 1)))
  table = allocate(<usize>tableSize << 2)
  memory.fill(table, 0, <usize>tableSize << 2)
  for (let i: u32 = 0; i < numConditions; i++) {
    let slot = load<u32>(conditions + <usize>i * CONDITION, 12) & (tableSize - 1)
    while (entryAt(slot) != 0) slot = (slot + 1) & (tableSize - 1)
    store<u32>(table + (<usize>slot << 2), i + 1)
  }
}
