import { allocate, release } from './arena'
import { closeField, isDouble, numbersOf, openField, startDraft } from './draft'
import { Field, fieldNamed } from './field'
import { Complaint, fail, line, setLine } from './host'
import { NO_SHORT_INTEGER, numberEnd, scanDouble, scanInteger, scanLegacyDouble, shortBits, shortInteger } from './number'
import { addTree, numFeatures } from './forest'

// Reads the trees of a text model from a window that JavaScript fills again and again, so that a model of any size passes
// through little memory and a load can pause between two windows. It stops before whatever the window holds only in part.

const enum State {
  BetweenTrees,
  InTree,
  InNumbers,
  InSkippedLine,
  AfterTrees,
}

const NEWLINE: u8 = 10
const RETURN: u8 = 13
const SPACE: u8 = 32
const LONGEST_NAME: usize = 64
export const WINDOW: u32 = 16384
// Behind the window: a newline as sentinel, and room for 16-byte loads.
const WINDOW_BYTES: usize = <usize>WINDOW + 32
let window: usize = 0

let state: State = State.BetweenTrees
let afterLine: State = State.BetweenTrees
let treeOpen: bool = false
let field: Field = Field.None
let index: u32 = 0
let expected: u32 = 0
let bytesLeft: f64 = 0

export function windowAddress(): usize {
  if (window == 0) window = allocate(WINDOW_BYTES)
  return window
}

export function discardWindow(): void {
  release(window, WINDOW_BYTES)
  window = 0
}

/** True once the line after the last tree was reached. */
export function treesEnded(): bool {
  return state == State.AfterTrees
}

/**
 * Reads the first `length` bytes of the window. `remaining`: bytes of the file that are not in it yet.
 * Returns how many bytes were used up; the others must come again at the start of the next window.
 */
export function readTrees(length: u32, remaining: f64): u32 {
  const end = window + length
  const last = remaining == 0
  store<u8>(end, NEWLINE)
  let p = window
  while (p < end && state != State.AfterTrees) {
    const before = state
    bytesLeft = remaining + <f64>(end - p)
    const next = step(p, end, last)
    // Neither moved nor in another state: what comes is cut by the window's end.
    if (next == p && state == before) break
    p = next
  }
  if (last && p == end) endOfFile()
  else if (p == window && length == WINDOW && state != State.AfterTrees) fail(Complaint.TokenTooLong, field)
  return <u32>(p - window)
}

function step(p: usize, end: usize, last: bool): usize {
  if (state == State.InNumbers) return readNumbers(p, end, last)
  if (state == State.InSkippedLine) return skipLine(p, end)
  return startLine(p, end, last)
}

function endOfFile(): void {
  if (state == State.InNumbers) closeField(field, index)
  if (treeOpen) closeTree()
  state = State.AfterTrees
}

function closeTree(): void {
  treeOpen = false
  addTree()
}

/** At the start of a line. Returns p itself when the window ends before the line's kind is known. */
function startLine(p: usize, end: usize, last: bool): usize {
  const c = load<u8>(p)
  if (c == RETURN) return p + 1
  if (c == NEWLINE) {
    setLine(line + 1)
    if (treeOpen) closeTree()
    state = State.BetweenTrees
    return p + 1
  }
  let q = p
  if (ASC_FEATURE_SIMD) {
    const name = v128.load(p)
    const ends = i8x16.bitmask(v128.or(i8x16.eq(name, i8x16.splat(61)), i8x16.eq(name, i8x16.splat(NEWLINE))))
    q += ends != 0 ? <usize>ctz(ends) : 16
  }
  while (load<u8>(q) != 61 && load<u8>(q) != NEWLINE) {
    q++
    if (<usize>(q - p) > LONGEST_NAME) break
  }
  if (q >= end && !last) return p
  const named = q < end && load<u8>(q) == 61
  if (named && q - p == 4 && load<u32>(p) == 0x65657254) {
    if (treeOpen) closeTree()
    treeOpen = true
    startDraft()
    return skipFrom(q + 1, State.InTree)
  }
  if (state == State.BetweenTrees) {
    state = State.AfterTrees
    return p
  }
  if (!named) {
    // "end of trees" may follow the last tree without a blank line.
    if (load<u64>(p) == 0x7420666f20646e65) {
      closeTree()
      state = State.AfterTrees
      return p
    }
    fail(Complaint.UnexpectedLine)
  }
  field = fieldNamed(p, q - p)
  if (field == Field.None) return skipFrom(q + 1, State.InTree)
  expected = openField(field, bytesLeft)
  index = 0
  state = State.InNumbers
  return q + 1
}

function skipFrom(p: usize, next: State): usize {
  state = State.InSkippedLine
  afterLine = next
  return p
}

function skipLine(p: usize, end: usize): usize {
  if (ASC_FEATURE_SIMD) {
    const newlines = i8x16.splat(NEWLINE)
    while (p + 32 <= end) {
      if (v128.any_true(v128.or(i8x16.eq(v128.load(p), newlines), i8x16.eq(v128.load(p, 16), newlines)))) break
      p += 32
    }
  }
  // Eight bytes at a time until one of them is a newline (Mycroft's test for a zero byte).
  while (p + 8 <= end) {
    const eight = load<u64>(p) ^ 0x0a0a0a0a0a0a0a0a
    if (((eight - 0x0101010101010101) & ~eight & 0x8080808080808080) != 0) break
    p += 8
  }
  while (load<u8>(p) != NEWLINE) p++
  if (p >= end) return end
  setLine(line + 1)
  state = afterLine
  return p + 1
}

/** Reads numbers up to the end of the line or of the window. One loop per type: this is where most of a load's time goes. */
function readNumbers(start: usize, end: usize, last: bool): usize {
  if (isDouble(field)) return readDoubles(start, end, last)
  return field == Field.SplitGain ? readGains(start, end, last) : readIntegers(start, end, last)
}

function readDoubles(start: usize, end: usize, last: bool): usize {
  const to = numbersOf(field)
  let p = start
  let i = index
  while (true) {
    p = nextToken(p)
    if (load<u8>(p) <= SPACE) break
    const token = p
    const value = scanDouble(p)
    p = tokenEnd(token, end, last, i)
    if (p == 0) return stopAt(token, i)
    store<f64>(to + (<usize>i << 3), value)
    i++
  }
  return endAt(p, end, i)
}

function readGains(start: usize, end: usize, last: bool): usize {
  const to = numbersOf(field)
  let p = start
  let i = index
  while (true) {
    p = nextToken(p)
    if (load<u8>(p) <= SPACE) break
    const token = p
    const value = scanLegacyDouble(p)
    p = tokenEnd(token, end, last, i)
    if (p == 0) return stopAt(token, i)
    store<f32>(to + (<usize>i << 2), <f32>value)
    i++
  }
  return endAt(p, end, i)
}

function readIntegers(start: usize, end: usize, last: bool): usize {
  const to = numbersOf(field)
  const low = lowest()
  const range = <u64>(highest() - low)
  const always = field <= Field.NumCat
  let p = start
  while (true) {
    p = nextToken(p)
    if (!always) p = low < 0 ? readShortIntegers(p, end - 8, to, low, range, true) : readShortIntegers(p, end - 8, to, low, range, false)
    if (load<u8>(p) <= SPACE) {
      p = nextToken(p)
      if (load<u8>(p) <= SPACE) return endAt(p, end, index)
    }
    const token = p
    const value = scanInteger(p)
    p = tokenEnd(token, end, last, index)
    if (p == 0) return token
    if (always || <u64>(value - low) > range) checkRange(value, low, <i64>range + low)
    store<u32>(to + (<usize>index << 2), <u32>value)
    index++
  }
}

/** Numbers of few digits, with one space behind each: nearly all. Stops before any other, and where eight bytes may be too many. */
// @ts-ignore: decorator
@inline
function readShortIntegers(p: usize, end: usize, to: usize, low: i64, range: u64, signed: bool): usize {
  let i = index
  while (p <= end && i < expected) {
    let eight = load<u64>(p)
    const negative = signed && (eight & 0xff) == 45
    if (signed) eight >>= <u64>negative << 3
    const absolute = shortInteger(eight)
    if (absolute == NO_SHORT_INTEGER) break
    const value = signed ? (absolute ^ -i64(negative)) + i64(negative) : absolute
    if (<u64>(value - low) > range) break
    store<u32>(to + (<usize>i << 2), <u32>value)
    i++
    p += <usize>(shortBits(eight) >> 3) + usize(negative) + 1
  }
  index = i
  return p
}

/** Behind the spaces at p; it is nearly always one. */
// @ts-ignore: decorator
@inline
function nextToken(p: usize): usize {
  p += usize(load<u8>(p) == SPACE)
  while (load<u8>(p) == SPACE || load<u8>(p) == RETURN) p++
  return p
}

/** The window ends within the number at p, which has the place `i`. */
function stopAt(p: usize, i: u32): usize {
  index = i
  return p
}

/** No number follows at p: the line or the window ends, after `i` numbers. */
function endAt(p: usize, end: usize, i: u32): usize {
  index = i
  if (p >= end) return end
  if (load<u8>(p) != NEWLINE) fail(Complaint.BadNumber, field, <f64>i)
  closeField(field, i)
  setLine(line + 1)
  state = State.InTree
  return p + 1
}

/** End of the number that was just scanned; 0 when the window may cut it. Room for one more number was there. */
// @ts-ignore: decorator
@inline
function tokenEnd(token: usize, end: usize, last: bool, i: u32): usize {
  const p = numberEnd
  if (!last && p + 8 >= end && mayBeCut(token, end)) return 0
  if (p == token || p > end || load<u8>(p) > SPACE) fail(Complaint.BadNumber, field, <f64>i)
  if (i >= expected) fail(Complaint.WrongCount, field, <f64>i + 1, <f64>expected)
  return p
}

/** Up to eight bytes decide whether "inf" goes on as "infinity". */
function mayBeCut(token: usize, end: usize): bool {
  while (token < end && load<u8>(token) > SPACE) token++
  return token >= end
}

function lowest(): i64 {
  if (field == Field.NumLeaves) return 1
  return field == Field.LeftChild || field == Field.RightChild ? -0x80000000 : 0
}

function highest(): i64 {
  if (field == Field.SplitFeature || field == Field.LeafFeatures) return <i64>numFeatures - 1
  if (field == Field.DecisionType) return 15
  if (field == Field.CatThreshold) return 0xffffffff
  return field == Field.IsLinear ? 1 : 0x7fffffff
}

function checkRange(value: i64, low: i64, high: i64): void {
  // Every leaf takes two bytes in leaf_value; every further leaf at least eight in the four arrays of its node.
  const counts = field == Field.NumLeaves || field == Field.NumCat
  if (counts && <f64>value * 2 > bytesLeft) fail(Complaint.NoRoom, field, <f64>value, bytesLeft)
  if (value < low) fail(Complaint.OutOfRange, field, <f64>value, <f64>low)
  if (value > high) fail(Complaint.OutOfRange, field, <f64>value, <f64>high)
}
