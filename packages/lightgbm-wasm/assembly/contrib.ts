import { grown, grownCapacity } from './growable'
import { answers, featureOfAnswer } from './columns'
import { deepest, numFeatures, recordOf, treesPerIteration } from './forest'
import { Complaint, fail } from './host'
import { answerRow } from './row'

// TreeSHAP (Lundberg et al., arXiv:1706.06060, algorithm 2) with the operations of LightGBM's `Tree::TreeSHAP` in their order, so
// that every bit agrees. The recursion is a list of branches still to be taken: a deep tree needs memory, not stack.

/** A path's element: f64 zero fraction, f64 one fraction, f64 weight, i32 feature, 4 spare. */
const ELEMENT: usize = 32
/** A branch to take: f64 zero fraction, f64 one fraction, u32 node, u32 parent's path, u32 elements of it, i32 feature. */
const BRANCH: usize = 32
const MOST_BYTES: f64 = 268435456

let buffer: usize = 0
let bufferCapacity: usize = 0

/** Contributions of one row to f64 [treesPerIteration × (numFeatures + 1)] at `out`, expected value last. */
export function contributionsOfRow(row: usize, out: usize, start: u32, count: u32): void {
  const perClass = (<usize>numFeatures + 1) << 3
  memory.fill(out, 0, perClass * <usize>treesPerIteration)
  const branches = (<usize>deepest + 2) * BRANCH
  const pathBytes = <f64>(deepest + 2) * <f64>(min(deepest, numFeatures) + 2) * <f64>ELEMENT
  if (pathBytes > MOST_BYTES) fail(Complaint.TooDeep, 0, <f64>deepest)
  const bytes = branches + <usize>pathBytes
  buffer = grown(buffer, bufferCapacity, 0, bytes)
  bufferCapacity = grownCapacity(bufferCapacity, bytes)
  answerRow(row)
  for (let i = start; i < start + count; i++) {
    for (let k: u32 = 0; k < treesPerIteration; k++) {
      const record = recordOf(i * treesPerIteration + k)
      const phi = out + <usize>k * perClass
      const base = phi + perClass - 8
      store<f64>(base, load<f64>(base) + load<f64>(record, 16))
      if (load<u32>(record, 4) > 1) addTreeContributions(record, phi, branches)
    }
  }
}

function addTreeContributions(record: usize, phi: usize, branches: usize): void {
  const nodes = <usize>load<u32>(record)
  const numLeaves = <usize>load<u32>(record, 4)
  let top = pushBranch(buffer, nodes, buffer + branches, 0, 1, 1, -1)
  while (top > buffer) {
    top -= BRANCH
    const node = <usize>load<u32>(top, 16)
    const parent = <usize>load<u32>(top, 20)
    let depth = load<u32>(top, 24)
    const path = parent + <usize>depth * ELEMENT
    memory.copy(path, parent, <usize>depth * ELEMENT)
    extend(path, depth, load<f64>(top), load<f64>(top, 8), load<i32>(top, 28))
    const condition = <usize>load<u32>(node)
    if (condition == 0) {
      addLeaf(path, depth, phi, load<f64>(node + (numLeaves << 4)))
      continue
    }
    const feature = load<i32>(featureOfAnswer + ((condition - answers) << 2))
    const answer = <usize>load<u8>(condition)
    const children = <usize>load<u32>(node, 4)
    const hot = children + answer
    const cold = children + 8 - answer
    const rows = <f64>trainingRows(nodes, numLeaves, node)
    const hotZero = <f64>trainingRows(nodes, numLeaves, hot) / rows
    const coldZero = <f64>trainingRows(nodes, numLeaves, cold) / rows
    let zero: f64 = 1
    let one: f64 = 1
    // A feature that was split on before counts once: its earlier split is undone.
    let index: u32 = 0
    while (index <= depth && load<i32>(path + <usize>index * ELEMENT, 24) != feature) index++
    if (index <= depth) {
      const element = path + <usize>index * ELEMENT
      zero = load<f64>(element)
      one = load<f64>(element, 8)
      unwind(path, depth, index)
      depth--
    }
    top = pushBranch(top, cold, path, depth + 1, coldZero * zero, 0, feature)
    top = pushBranch(top, hot, path, depth + 1, hotZero * zero, one, feature)
  }
}

function pushBranch(top: usize, node: usize, path: usize, depth: u32, zero: f64, one: f64, feature: i32): usize {
  store<f64>(top, zero)
  store<f64>(top, one, 8)
  store<u32>(top, <u32>node, 16)
  store<u32>(top, <u32>path, 20)
  store<u32>(top, depth, 24)
  store<i32>(top, feature, 28)
  return top + BRANCH
}

/** Training rows that reached a node. */
// @ts-ignore: decorator
@inline
function trainingRows(nodes: usize, numLeaves: usize, node: usize): i32 {
  const info = load<u32>(nodes + (numLeaves << 5) + ((node - nodes) >> 1))
  return load<u32>(node) != 0 ? <i32>info : load<i32>(nodes + numLeaves * 40 + (<usize>info << 2))
}

function extend(path: usize, depth: u32, zero: f64, one: f64, feature: i32): void {
  const last = path + <usize>depth * ELEMENT
  store<f64>(last, zero)
  store<f64>(last, one, 8)
  store<f64>(last, depth == 0 ? 1 : 0, 16)
  store<i32>(last, feature, 24)
  const size = <f64>(depth + 1)
  for (let i = <i32>depth - 1; i >= 0; i--) {
    const element = path + <usize>i * ELEMENT
    const weight = load<f64>(element, 16)
    store<f64>(element, load<f64>(element, ELEMENT + 16) + (one * weight * <f64>(i + 1)) / size, ELEMENT + 16)
    store<f64>(element, (zero * weight * <f64>(<i32>depth - i)) / size, 16)
  }
}

function unwind(path: usize, depth: u32, index: u32): void {
  const undone = path + <usize>index * ELEMENT
  const zero = load<f64>(undone)
  const one = load<f64>(undone, 8)
  const size = <f64>(depth + 1)
  let next = load<f64>(path + <usize>depth * ELEMENT, 16)
  for (let i = <i32>depth - 1; i >= 0; i--) {
    const element = path + <usize>i * ELEMENT
    const weight = load<f64>(element, 16)
    if (one != 0) {
      const unwound = (next * size) / (<f64>(i + 1) * one)
      store<f64>(element, unwound, 16)
      next = weight - (unwound * zero * <f64>(<i32>depth - i)) / size
    } else {
      store<f64>(element, (weight * size) / (zero * <f64>(<i32>depth - i)), 16)
    }
  }
  for (let i = index; i < depth; i++) {
    const element = path + <usize>i * ELEMENT
    store<f64>(element, load<f64>(element, ELEMENT))
    store<f64>(element, load<f64>(element, ELEMENT + 8), 8)
    store<i32>(element, load<i32>(element, ELEMENT + 24), 24)
  }
}

function addLeaf(path: usize, depth: u32, phi: usize, value: f64): void {
  for (let i: u32 = 1; i <= depth; i++) {
    const element = path + <usize>i * ELEMENT
    const zero = load<f64>(element)
    const one = load<f64>(element, 8)
    const sum = phi + (<usize>load<i32>(element, 24) << 3)
    store<f64>(sum, load<f64>(sum) + unwoundSum(path, depth, zero, one) * (one - zero) * value)
  }
}

function unwoundSum(path: usize, depth: u32, zero: f64, one: f64): f64 {
  const size = <f64>(depth + 1)
  let next = load<f64>(path + <usize>depth * ELEMENT, 16)
  let total: f64 = 0
  for (let i = <i32>depth - 1; i >= 0; i--) {
    const weight = load<f64>(path + <usize>i * ELEMENT, 16)
    if (one != 0) {
      const unwound = (next * size) / (<f64>(i + 1) * one)
      total += unwound
      next = weight - unwound * zero * (<f64>(<i32>depth - i) / size)
    } else {
      total += weight / zero / (<f64>(<i32>depth - i) / size)
    }
  }
  return total
}
