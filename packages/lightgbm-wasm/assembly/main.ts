import { leavesOfBlocks, scoreBlocks } from './batch'
import { answerForContributions, contributionRows, contribute, copyContributions, startContributions } from './contrib'
import { kindsOfFeature } from './columns'
import { grown, grownCapacity } from './growable'
import { importances, numFeatures, numTrees, startForest, treesPerIteration } from './forest'
import { line } from './host'
import { scanDouble } from './number'
import { anyLinear, leavesOfRow, scoreRow, scoreStopping, preparePredict } from './predict'
import { numIterations, prepare as prepareForest } from './prepare'
import { Transform, transformScores } from './transform'
import { tablesAddress } from './tables'
import { touchTables, touchedBytes } from './touch'
import { readTrees, treesEnded, windowAddress } from './tree-parser'

// What src/engine.ts calls. One instance holds one model.

export { contribute, contributionRows, readTrees, startContributions, tablesAddress, touchTables, touchedBytes, treesEnded, windowAddress }

export function start(features: u32, perIteration: u32, trees: u32, leaves: u32): void {
  startForest(features, perIteration, trees, leaves)
}

export function lineOfTrees(): u32 {
  return line
}

/** True when rows can be scored; false asks to be called again. */
export function prepare(budget: i32): bool {
  if (!prepareForest(budget)) return false
  preparePredict()
  return true
}

export function treeCount(): u32 {
  return numTrees
}

/** f64 [2 × features]: splits, then gains. */
export function importancesAddress(): usize {
  return importances
}

/** u8 [features]: bit k is set where a tree asks a condition of kind k (conditions.ts). */
export function kindsAddress(): usize {
  return kindsOfFeature
}

let rows: usize = 0
let rowsCapacity: usize = 0
let results: usize = 0
let resultsCapacity: usize = 0

/** Room for rows and results, which stays; the address of the rows. */
export function reserve(rowBytes: u32, resultBytes: u32): usize {
  rows = grown(rows, rowsCapacity, 0, rowBytes)
  rowsCapacity = grownCapacity(rowsCapacity, rowBytes)
  results = grown(results, resultsCapacity, 0, resultBytes)
  resultsCapacity = grownCapacity(resultsCapacity, resultBytes)
  return rows
}

export function resultsAddress(): usize {
  return results
}

/**
 * Scores the first `count` reserved rows with the iterations [first, first + iterations).
 * `divideBy`: 1, or what the sums are divided by before the transform. `frequency` 0: no early stop.
 */
export function score(count: u32, first: u32, iterations: u32, transform: Transform, parameter: f64, divideBy: f64, frequency: u32, margin: f64): void {
  const rowBytes = <usize>numFeatures << 3
  const resultBytes = <usize>treesPerIteration << 3
  let row = rows
  let result = results
  const inBlocks = frequency == 0 ? scoreBlocks(rows, results, count, first, iterations) : 0
  for (let i: u32 = 0; i < count; i++) {
    if (i >= inBlocks) {
      if (frequency == 0) scoreRow(row, result, first, iterations)
      else scoreStopping(row, result, first, iterations, frequency, margin)
    }
    if (divideBy != 1) {
      for (let k: usize = 0; k < resultBytes; k += 8) store<f64>(result + k, load<f64>(result + k) / divideBy)
    }
    transformScores(result, treesPerIteration, transform, parameter)
    row += rowBytes
    result += resultBytes
  }
}

/** Leaf indices, i32 [count × iterations · treesPerIteration]. */
export function leafIndices(count: u32, first: u32, iterations: u32): void {
  const rowBytes = <usize>numFeatures << 3
  const resultBytes = (<usize>iterations * <usize>treesPerIteration) << 2
  let i = <usize>leavesOfBlocks(rows, results, count, first, iterations)
  for (; i < <usize>count; i++) leavesOfRow(rows + i * rowBytes, results + i * resultBytes, first, iterations)
}

/** Takes the first reserved row as number `index` of the rows that contribute() is for; they come in order. */
export function takeRow(index: u32): void {
  answerForContributions(rows, index)
}

/** Contributions of the row taken as number `index`, f64 [treesPerIteration × (features + 1)], to the results. */
export function contributionsOf(index: u32): void {
  copyContributions(index, results)
}

/** For the tests: the number whose text is in the window. */
export function parseDouble(): f64 {
  return scanDouble(windowAddress())
}

export function iterationCount(): u32 {
  return numIterations
}

export function anyLinearTree(): bool {
  return anyLinear
}
