import { allocate, release } from './arena'
import { CONDITION, conditionCapacity, conditions, numConditions, discardConditions } from './conditions'

// Bottom-up merge sort of the conditions by column and key, to be called until it is done.

export let sorted: usize = 0
let other: usize = 0
let width: usize = 0
let position: usize = 0

/** Merges about `budget` conditions further; true when all are in order. */
export function sortConditions(budget: i32): bool {
  const bytes = <usize>numConditions * CONDITION
  if (width == 0) {
    sorted = allocate(bytes)
    memory.copy(sorted, conditions, bytes)
    for (let i: u32 = 0; i < numConditions; i++) store<u32>(sorted + <usize>i * CONDITION, i, 12)
    discardConditions()
    other = allocate(bytes)
    width = CONDITION
    position = 0
  }
  while (width < bytes) {
    while (position < bytes) {
      if (budget <= 0) return false
      const middle = min(position + width, bytes)
      const end = min(middle + width, bytes)
      merge(position, middle, end)
      budget -= <i32>((end - position) / CONDITION)
      position = end
    }
    const swapped = sorted
    sorted = other
    other = swapped
    width *= 2
    position = 0
  }
  release(other, bytes)
  other = 0
  return true
}

export function discardSorted(): void {
  release(sorted, <usize>numConditions * CONDITION)
  sorted = 0
}

function merge(from: usize, middle: usize, end: usize): void {
  let left = sorted + from
  const leftEnd = sorted + middle
  let right = leftEnd
  const rightEnd = sorted + end
  let to = other + from
  while (left < leftEnd && right < rightEnd) {
    if (isAfter(left, right)) {
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
function isAfter(a: usize, b: usize): bool {
  const columnA = load<u32>(a, 8)
  const columnB = load<u32>(b, 8)
  return columnA > columnB || (columnA == columnB && load<i64>(a) > load<i64>(b))
}

// @ts-ignore: decorator
@inline
function copyCondition(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from))
  store<u64>(to, load<u64>(from, 8), 8)
}
