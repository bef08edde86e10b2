import { allocate, release } from './arena'
import { startDraft } from './draft'
import { Field, fieldNamed } from './field'
import { Complaint, fail } from './host'
import { NEWLINE, RETURN, nextLine } from './line-end'
import { numbersEnded, openNumbers, readNumbers } from './number-line'
import { addTree } from './forest'

// Reads the trees of a text model from a window that JavaScript fills again and again, so that a model of any size passes
// through little memory and a load can pause between two windows. It stops before whatever the window holds only in part.

const enum State {
  BetweenTrees,
  InTree,
  InNumbers,
  InSkippedLine,
  AfterTrees,
}

const LONGEST_NAME: usize = 64
export const WINDOW: u32 = 16384
// Behind the window: a newline as sentinel, and room for 16-byte loads.
const WINDOW_BYTES: usize = <usize>WINDOW + 32
let window: usize = 0

let state: State = State.BetweenTrees
let afterLine: State = State.BetweenTrees
let treeOpen: bool = false
let field: Field = Field.None
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
  if (state == State.InNumbers) {
    const next = readNumbers(p, end, last, bytesLeft)
    if (numbersEnded) state = State.InTree
    return next
  }
  if (state == State.InSkippedLine) return skipLine(p, end, last)
  return startLine(p, end, last)
}

function endOfFile(): void {
  if (treeOpen) fail(Complaint.Truncated)
  state = State.AfterTrees
}

function closeTree(): void {
  treeOpen = false
  addTree()
}

/** At the start of a line. Returns p itself when the window ends before the line's kind is known. */
function startLine(p: usize, end: usize, last: bool): usize {
  if (load<u8>(p) == NEWLINE || load<u8>(p) == RETURN) {
    const next = nextLine(p, end, last)
    if (next == p) return p
    if (treeOpen) closeTree()
    state = State.BetweenTrees
    return next
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
  openNumbers(field, bytesLeft)
  state = State.InNumbers
  return q + 1
}

function skipFrom(p: usize, next: State): usize {
  state = State.InSkippedLine
  afterLine = next
  return p
}

function skipLine(p: usize, end: usize, last: bool): usize {
  if (ASC_FEATURE_SIMD) {
    const newlines = i8x16.splat(RETURN)
    while (p + 32 <= end) {
      if (v128.any_true(v128.or(i8x16.le_u(v128.load(p), newlines), i8x16.le_u(v128.load(p, 16), newlines)))) break
      p += 32
    }
  } else {
    // Eight bytes at a time until one of them is below 14 (Mycroft's test).
    while (p + 8 <= end) {
      const eight = load<u64>(p)
      if (((eight - 0x0e0e0e0e0e0e0e0e) & ~eight & 0x8080808080808080) != 0) break
      p += 8
    }
  }
  while (load<u8>(p) != NEWLINE && load<u8>(p) != RETURN) p++
  if (p >= end) return end
  const next = nextLine(p, end, last)
  if (next != p) state = afterLine
  return next
}
