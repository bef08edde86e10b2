import { numTrees, recordOf, treesPerIteration } from './forest'
import { numIterations, roots, valuesOf, valuesOfRoots } from './prepare'
import { ZERO_THRESHOLD, answerRow } from './row'
import { LANES, ends, prepareWalk, walk } from './walk'

export let anyLinear: bool = false

/** Once, when the forest is ready. */
export function preparePredict(): void {
  prepareWalk(numIterations * treesPerIteration)
  for (let tree: u32 = 0; tree < numTrees; tree++) {
    if (load<u32>(recordOf(tree), 8) != 0) anyLinear = true
  }
}

/** Walks all classes' trees of `count` iterations from `start` on for the row that was answered last. */
function walkIterations(start: u32, count: u32): void {
  if (count == numIterations) {
    walk(roots, count * treesPerIteration, 0)
    return
  }
  for (let k: u32 = 0; k < treesPerIteration; k++) {
    const first = k * numIterations + start
    walk(roots + (<usize>first << 3), count, first)
  }
}

/** Raw scores of one row to f64 [treesPerIteration] at `out`: the trees' values, added in the file's order. */
export function scoreRow(row: usize, out: usize, start: u32, count: u32): void {
  answerRow(row)
  walkIterations(start, count)
  if (anyLinear) {
    memory.fill(out, 0, <usize>treesPerIteration << 3)
    addIterations(row, out, start, count, 0, 0)
    return
  }
  for (let k: u32 = 0; k < treesPerIteration; k++) {
    const first = <usize>(k * numIterations + start) << 3
    let end = ends + first
    let values = valuesOfRoots + (first >> 1)
    let sum: f64 = 0
    for (const last = end + (<usize>count << 3); end < last; end += 8) {
      sum += load<f64>(<usize>(load<u32>(values) + (load<u32>(end) << 3)))
      values += 4
    }
    store<f64>(out + (<usize>k << 3), sum)
  }
}

/**
 * As scoreRow, with LightGBM's prediction early stop: every `frequency` iterations the row is done when its margin is above `margin`:
 * 2·|score| for one class, the distance of the two best for several. Trees behind the stop are not walked, but for a few that share a walk.
 */
export function scoreStopping(row: usize, out: usize, start: u32, count: u32, frequency: u32, margin: f64): void {
  answerRow(row)
  memory.fill(out, 0, <usize>treesPerIteration << 3)
  // Fewer trees at once leave lanes empty; and the longer it goes on, the likelier that it goes on.
  let part = frequency * max<u32>(1, (4 * LANES) / frequency)
  for (let done: u32 = 0; done < count; part *= 2) {
    part = min(part, count - done)
    walkIterations(start + done, part)
    if (addIterations(row, out, start + done, part, frequency, margin)) return
    done += part
  }
}

/** Adds the walked iterations' values to the scores; true when the margin at a check, every `frequency` iterations (0: never), is above `margin`. */
function addIterations(row: usize, out: usize, start: u32, count: u32, frequency: u32, margin: f64): bool {
  const classes = treesPerIteration
  let sinceCheck: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    for (let k: u32 = 0; k < classes; k++) {
      const sum = out + (<usize>k << 3)
      store<f64>(sum, load<f64>(sum) + treeValue(row, k, start + i))
    }
    if (++sinceCheck == frequency) {
      if (marginOf(out) > margin) return true
      sinceCheck = 0
    }
  }
  return false
}

function treeValue(row: usize, k: u32, i: u32): f64 {
  const record = recordOf(i * treesPerIteration + k)
  const value = load<f64>(<usize>(valuesOf(record) + (load<u32>(ends + (<usize>(k * numIterations + i) << 3)) << 3)))
  const models = <usize>load<u32>(record, 8)
  return models == 0 ? value : linearValue(row, value, models + (<usize>leafIndex(record, leafOf(k, i)) << 4))
}

/** A leaf's linear model, or its value when a feature of the model is missing. */
export function linearValue(row: usize, value: f64, model: usize): f64 {
  let sum = load<f64>(model)
  let term = <usize>load<u32>(model, 8)
  for (const end = term + (<usize>load<u32>(model, 12) << 4); term < end; term += 16) {
    const x = load<f64>(row + <usize>load<u32>(term))
    if (x != x) return value
    sum += load<f64>(term, 8) * (abs(x) <= ZERO_THRESHOLD ? 0 : x)
  }
  return sum
}

/** With NaN among the scores the order of the comparisons decides: that of libstdc++'s partial_sort of two, as LightGBM's margin has it. */
function marginOf(scores: usize): f64 {
  const first = load<f64>(scores)
  if (treesPerIteration == 1) return 2 * abs(first)
  let best = load<f64>(scores, 8)
  let second = first
  if (!(best > first)) {
    second = best
    best = first
  }
  for (let k: u32 = 2; k < treesPerIteration; k++) {
    const score = load<f64>(scores + (<usize>k << 3))
    if (!(score > second)) continue
    second = best > score ? score : best
    if (!(best > score)) best = score
  }
  return best - second
}

/** Leaf indices of one row to i32 [count · treesPerIteration] at `out`, in the file's order of trees. */
export function leavesOfRow(row: usize, out: usize, start: u32, count: u32): void {
  answerRow(row)
  walkIterations(start, count)
  for (let i: u32 = 0; i < count; i++) {
    for (let k: u32 = 0; k < treesPerIteration; k++) {
      store<u32>(out, leafIndex(recordOf((start + i) * treesPerIteration + k), leafOf(k, start + i)))
      out += 4
    }
  }
}

// @ts-ignore: decorator
@inline
function leafOf(k: u32, i: u32): usize {
  return <usize>load<u32>(ends + (<usize>(k * numIterations + i) << 3), 4)
}

// @ts-ignore: decorator
@inline
function leafIndex(record: usize, leaf: usize): u32 {
  return load<u32>(<usize>load<u32>(record, 24) + ((leaf - <usize>load<u32>(record)) >> 1))
}
