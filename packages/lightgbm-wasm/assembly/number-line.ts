import { closeField, isDouble, numbersOf, openField } from './draft'
import { Field } from './field'
import { numFeatures } from './forest'
import { Complaint, fail } from './host'
import { NEWLINE, RETURN, nextLine } from './line-end'
import { NO_SHORT_INTEGER, numberEnd, scanDouble, scanInteger, scanLegacyDouble, shortBits, shortInteger } from './number'

// The numbers of one field, which stand in one line and may come in several windows.

const SPACE: u8 = 32

let field: Field = Field.None
/** Numbers read so far, and how many there must be. */
let index: u32 = 0
let expected: u32 = 0
let bytesLeft: f64 = 0
/** Whether the last call came to the end of the line. */
export let numbersEnded: bool = false

/** Starts the line of a field. `remaining`: bytes that the file still holds. */
export function openNumbers(next: Field, remaining: f64): void {
  field = next
  expected = openField(next, remaining)
  index = 0
}

/**
 * Reads numbers up to the end of the line (numbersEnded) or of the window; returns where to go on. `remaining`: bytes from there to the file's end.
 * One loop per type: this is where most of a load's time goes.
 */
export function readNumbers(start: usize, end: usize, last: bool, remaining: f64): usize {
  bytesLeft = remaining
  numbersEnded = false
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
  return endAt(p, end, last, i)
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
  return endAt(p, end, last, i)
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
      if (load<u8>(p) <= SPACE) return endAt(p, end, last, index)
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
  while (load<u8>(p) == SPACE) p++
  return p
}

/** The window ends within the number at p, which has the place `i`. */
function stopAt(p: usize, i: u32): usize {
  index = i
  return p
}

/** No number follows at p: the line or the window ends, after `i` numbers. */
function endAt(p: usize, end: usize, last: bool, i: u32): usize {
  index = i
  if (p >= end) return end
  if (load<u8>(p) != NEWLINE && load<u8>(p) != RETURN) fail(Complaint.BadNumber, field, <f64>i)
  const next = nextLine(p, end, last)
  if (next == p) return p
  closeField(field, i)
  numbersEnded = true
  return next
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
