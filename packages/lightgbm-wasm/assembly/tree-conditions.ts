import { isCondition, categoricalCondition, makeRoom, numericColumn, numericCondition, numericGuess, numericKey } from './conditions'
import { has, numbersOf, numCat, numLeaves } from './draft'
import { Field } from './field'
import { Complaint, fail } from './host'

/**
 * The number of every node's condition, u32 by node, to `to`. In two rounds, the first of which only looks into the table, so that the
 * processor waits for the memory of many nodes at once.
 */
export function findConditions(to: usize): void {
  const nodes = numLeaves - 1
  const features = numbersOf(Field.SplitFeature)
  const decisions = has(Field.DecisionType) ? numbersOf(Field.DecisionType) : 0
  const thresholds = numbersOf(Field.Threshold)
  makeRoom()
  for (let node: u32 = 0; node < nodes; node++) {
    const at = (<usize>node) << 2
    const column = numericColumn(load<u32>(features + at), decisions != 0 ? load<u32>(decisions + at) : 0)
    store<u32>(to + at, numericGuess(column, numericKey(load<f64>(thresholds + (at << 1)))))
  }
  for (let node: u32 = 0; node < nodes; node++) {
    const at = (<usize>node) << 2
    const feature = load<u32>(features + at)
    const decision = decisions != 0 ? load<u32>(decisions + at) : 0
    const threshold = load<f64>(thresholds + (at << 1))
    let condition: u32
    if ((decision & 1) == 0) {
      if (threshold != threshold) fail(Complaint.ThresholdNan, Field.Threshold, <f64>node)
      const column = numericColumn(feature, decision)
      const key = numericKey(threshold)
      const guess = load<u32>(to + at)
      condition = isCondition(guess, column, key) ? guess - 1 : numericCondition(column, key)
    } else condition = categoricalConditionOf(node, feature, threshold)
    store<u32>(to + at, condition)
  }
}

function categoricalConditionOf(node: u32, feature: u32, threshold: f64): u32 {
  if (numCat == 0) fail(Complaint.NotCategorical, Field.DecisionType, <f64>node)
  if (!(threshold > -1 && threshold < <f64>numCat)) fail(Complaint.OutOfRange, Field.Threshold, threshold, <f64>numCat - 1)
  const boundary = numbersOf(Field.CatBoundaries) + ((<usize>threshold) << 2)
  const first = load<u32>(boundary)
  return categoricalCondition(feature, numbersOf(Field.CatThreshold) + ((<usize>first) << 2), load<u32>(boundary, 4) - first)
}
