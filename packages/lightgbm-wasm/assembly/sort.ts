import { allocate, release } from './arena'
import { CONDITION, conditions, numConditions } from './conditions'
import { numFeatures } from './forest'

// Sorts the conditions by column and key, to be called until it is done: first they are dealt out to their features, then each
// feature's are merged bottom-up. (Merging all at once takes log2(all) passes instead of log2(one feature's).)

export let sorted: usize = 0
/** Room for the conditions of one feature. */
let other: usize = 0
let otherBytes: usize = 0
/** Per feature where its conditions end, u32, in bytes. */
let ends: usize = 0
let feature: u32 = 0
let width: usize = 0
let position: usize = 0
/** The feature's conditions are in `other`. */
let swapped: bool = false

const RUN: usize = 8 * CONDITION

/** Works on about `budget` conditions; true when all are in order. */
export function sortConditions(budget: i32): bool {
  if (ends == 0) dealOut()
  for (; feature < numFeatures; feature++) {
    const start: usize = feature == 0 ? 0 : endOf(feature - 1)
    const size = endOf(feature) - start
    if (width == 0) {
      sortRuns(sorted + start, sorted + start + size)
      width = RUN
      position = 0
      budget -= <i32>(size / RUN)
    }
    for (; width < size; width *= 2) {
      const here = sorted + start
      const from = swapped ? other : here
      const to = swapped ? here : other
      while (position < size) {
        if (budget <= 0) return false
        const middle = min(position + width, size)
        const next = min(middle + width, size)
        merge(from + position, from + middle, from + next, to + position)
        budget -= <i32>((next - position) / CONDITION)
        position = next
      }
      swapped = !swapped
      position = 0
    }
    if (swapped) memory.copy(sorted + start, other, size)
    swapped = false
    width = 0
  }
  release(other, otherBytes)
  release(ends, <usize>numFeatures << 2)
  return true
}

// @ts-ignore: decorator
@inline
function endOf(feature: u32): usize {
  return <usize>load<u32>(ends + (<usize>feature << 2))
}

/** In place, by swapping each condition to the next free place of its feature: a copy of all conditions would be a sixth of what a model takes. */
function dealOut(): void {
  const bytes = <usize>numConditions * CONDITION
  const listBytes = <usize>numFeatures << 2
  sorted = conditions
  ends = allocate(listBytes)
  memory.fill(ends, 0, listBytes)
  for (let i: usize = 0; i < <usize>numConditions; i++) {
    const condition = sorted + i * CONDITION
    store<u32>(condition, <u32>i, 12)
    const count = ends + offsetOf(condition)
    store<u32>(count, load<u32>(count) + <u32>CONDITION)
  }
  const starts = allocate(listBytes)
  let total: u32 = 0
  let largest: u32 = 0
  for (let at: usize = 0; at < listBytes; at += 4) {
    const size = load<u32>(ends + at)
    largest = max(largest, size)
    store<u32>(starts + at, total)
    total += size
    store<u32>(ends + at, total)
  }
  for (let at: usize = 0; at < listBytes; at += 4) {
    while (load<u32>(starts + at) < load<u32>(ends + at)) {
      const condition = sorted + <usize>load<u32>(starts + at)
      const place = starts + offsetOf(condition)
      const to = sorted + <usize>load<u32>(place)
      store<u32>(place, load<u32>(place) + <u32>CONDITION)
      const low = load<u64>(to)
      const high = load<u64>(to, 8)
      copyCondition(to, condition)
      store<u64>(condition, low)
      store<u64>(condition, high, 8)
    }
  }
  release(starts, listBytes)
  otherBytes = <usize>largest
  other = allocate(otherBytes)
}

/** Of the condition's feature in a list of u32. */
// @ts-ignore: decorator
@inline
function offsetOf(condition: usize): usize {
  return <usize>(load<u32>(condition, 8) >> 3) << 2
}

/** Insertion sort of eight conditions after eight. */
function sortRuns(from: usize, end: usize): void {
  for (let run = from; run < end; run += RUN) {
    const last = min(run + RUN, end)
    for (let at = run + CONDITION; at < last; at += CONDITION) {
      const low = load<u64>(at)
      const high = load<u64>(at, 8)
      let to = at
      while (to > run && isGreater(load<u32>(to - CONDITION, 8), load<i64>(to - CONDITION), <u32>high, <i64>low)) {
        copyCondition(to, to - CONDITION)
        to -= CONDITION
      }
      store<u64>(to, low)
      store<u64>(to, high, 8)
    }
  }
}

function merge(left: usize, leftEnd: usize, rightEnd: usize, to: usize): void {
  let right = leftEnd
  while (left < leftEnd && right < rightEnd) {
    if (isGreater(load<u32>(left, 8), load<i64>(left), load<u32>(right, 8), load<i64>(right))) {
      copyCondition(to, right)
      right += CONDITION
    } else {
      copyCondition(to, left)
      left += CONDITION
    }
    to += CONDITION
  }
  memory.copy(to, left, leftEnd - left)
  memory.copy(to + (leftEnd - left), right, rightEnd - right)
}

// @ts-ignore: decorator
@inline
function isGreater(column: u32, key: i64, otherColumn: u32, otherKey: i64): bool {
  return column > otherColumn || (column == otherColumn && key > otherKey)
}

// @ts-ignore: decorator
@inline
function copyCondition(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from))
  store<u64>(to, load<u64>(from, 8), 8)
}
