import { allocate } from './arena'
import { answerOf, answers, buildColumns, discardAnswerOf, zeros } from './columns'
import { discardTable } from './conditions'
import { discardDraft } from './draft'
import { LEAF, discardRoom, discardScratch, numTrees, recordOf, treesPerIteration } from './forest'
import { sortConditions } from './sort'
import { prepareRow } from './row'
import { discardWindow } from './tree-parser'
import { LANES } from './walk'

// From "all trees are read" to "rows can be scored", in steps that a load can pause between.

const enum Stage {
  Start,
  Sorting,
  Building,
  Placing,
  Ready,
}

let stage: Stage = Stage.Start
let tree: u32 = 0

/** Iterations with all their trees. */
export let numIterations: u32 = 0
/**
 * Nodes as forest.ts has them, u64. Per class and iteration, class-major: a copy of the root. Then LANES times zeros: the node at address 0
 * is like a leaf. Then copies of the pairs below, level by level: every row reads the tops of all trees, which so lie in few lines of a cache.
 */
export let roots: usize = 0
/** Levels of copies below the roots: with two a row takes 0.96 to 1 times as long as with none, with three b and c of the bench were slower again. */
const COPIED_LEVELS: i32 = 2
const COPIES: usize = (2 << COPIED_LEVELS) - 2
/** In the same order valuesOf(), u32. */
export let valuesOfRoots: usize = 0

/** Works for about `budget` units of some nanoseconds; true when everything is ready. */
export function prepare(budget: i32): bool {
  if (stage == Stage.Start) {
    discardWindow()
    discardTable()
    discardDraft()
    discardScratch()
    discardRoom()
    stage = Stage.Sorting
  }
  if (stage == Stage.Sorting) {
    if (!sortConditions(budget)) return false
    stage = Stage.Building
    return false
  }
  if (stage == Stage.Building) {
    buildColumns()
    prepareRow()
    stage = Stage.Placing
    return false
  }
  if (stage == Stage.Placing) {
    while (tree < numTrees) {
      if (budget <= 0) return false
      budget -= <i32>placeConditions(recordOf(tree++))
    }
    discardAnswerOf()
    listRoots()
    stage = Stage.Ready
  }
  return true
}

/** Replaces the conditions' numbers by the addresses of their answers. */
function placeConditions(record: usize): u32 {
  const slots = load<u32>(record, 4) << 1
  const nodes = <usize>load<u32>(record)
  for (let slot: u32 = 0; slot < slots; slot++) {
    const node = nodes + (<usize>slot << 3)
    const number = load<u32>(node)
    store<u32>(node, (number & LEAF) != 0 ? <u32>zeros + (number & ~LEAF) : load<u32>(answerOf + (<usize>number << 2)))
  }
  return slots
}

function listRoots(): void {
  numIterations = numTrees / treesPerIteration
  const trees = <usize>(numIterations * treesPerIteration)
  roots = allocate((trees + <usize>LANES + trees * COPIES) << 3)
  valuesOfRoots = allocate(trees << 2)
  let to = roots
  let values = valuesOfRoots
  for (let k: u32 = 0; k < treesPerIteration; k++) {
    for (let i: u32 = 0; i < numIterations; i++) {
      const record = recordOf(i * treesPerIteration + k)
      store<u64>(to, load<u64>(<usize>load<u32>(record)))
      store<u32>(values, valuesOf(record))
      to += 8
      values += 4
    }
  }
  memory.fill(to, 0, <usize>LANES << 3)
  copyTops(to + (<usize>LANES << 3))
}

/** A leaf's value lies eight times its condition behind this. */
export function valuesOf(record: usize): u32 {
  return load<u32>(record) + (load<u32>(record, 4) << 4) - (<u32>zeros << 3)
}

/** Copies what is below the roots to `to`. A copy of a leaf leads to the leaf itself. */
function copyTops(to: usize): void {
  let node = roots
  for (let level = 0; level < COPIED_LEVELS; level++) {
    for (const end = to; node < end; node += 8) {
      if (<usize>load<u32>(node) < answers) continue
      memory.copy(to, <usize>load<u32>(node, 4), 16)
      store<u32>(node, <u32>to, 4)
      to += 16
    }
  }
}
