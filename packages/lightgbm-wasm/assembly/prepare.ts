import { allocate } from './arena'
import { answerOf, buildColumns, discardAnswerOf } from './columns'
import { discardTable } from './conditions'
import { discardDraft } from './draft'
import { discardRoom, discardScratch, numTrees, recordOf, treesPerIteration } from './forest'
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
 * Per class and iteration, class-major: u32 root, u32 distance from a node to its value. Then LANES times zeros: the node at address 0 is
 * like a leaf.
 */
export let roots: usize = 0

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
    if (number != 0) store<u32>(node, load<u32>(answerOf + (<usize>(number - 1) << 2)))
  }
  return slots
}

function listRoots(): void {
  numIterations = numTrees / treesPerIteration
  roots = allocate(<usize>(numIterations * treesPerIteration + LANES) << 3)
  let to = roots
  for (let k: u32 = 0; k < treesPerIteration; k++) {
    for (let i: u32 = 0; i < numIterations; i++) {
      const record = recordOf(i * treesPerIteration + k)
      store<u32>(to, load<u32>(record))
      store<u32>(to, load<u32>(record, 4) << 4, 4)
      to += 8
    }
  }
  memory.fill(to, 0, <usize>LANES << 3)
}
