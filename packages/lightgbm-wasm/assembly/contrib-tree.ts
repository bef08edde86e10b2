import { answers, featureOfAnswer, zeros as leafAnswers } from './columns'
import { FRAME, answerBits, blockRows, elementOf, features, firstCold, frames, levelBytes, rowList, weightsOfLevels, zeros } from './contrib-buffers'
import { addLeaf } from './contrib-leaf'
import { extendCold, extendHot, unwindCold, unwindHot } from './contrib-path'
import { extendPlain, unwindPlain, writeZeros } from './contrib-plain'

// One tree's TreeSHAP (Lundberg et al., arXiv:1706.06060, algorithm 2) for a block of rows, with the operations of LightGBM's
// `Tree::TreeSHAP` in their order, so that every bit agrees.
//
// LightGBM's arithmetic at a node depends on the decisions on the way there and on nothing else of the row. So all rows of the
// block that decided alike go down together, and what a leaf adds is computed once for them. A node's rows are divided into those
// that go left and those that go right; its branches are
//   0: left child, hot, for the left rows      1: right child, cold, for the left rows
//   2: right child, hot, for the right rows    3: left child, cold, for the right rows
// which for every row is LightGBM's order, hot before cold, and so the order of the additions to its contributions.
//
// The recursion is a list of frames, one per level: a deep tree needs memory, not stack. An element (a feature on the path) has
// one fraction 1 (hot) or 0 (cold), always. Its place on the path changes no bit, so hot and cold ones are kept apart, for
// contrib-sum.ts; elements are added and taken out again as the walk goes down and up.

// A frame: f64 zero fraction of the element that was undone, of the left child's and of the right child's element; then u32s.
const UNDONE_ZERO: usize = 0
const CHILD_ZEROS: usize = 8
/** The left child. */
const CHILDREN: usize = 24
/** In rowList: first of the left rows, first of the right rows, end. */
const LEFT_ROWS: usize = 28
const RIGHT_ROWS: usize = 32
const END_ROWS: usize = 36
/** The branch that is next. */
const BRANCH: usize = 40
const FEATURE: usize = 44
/** Index of the element that was undone, or NONE. */
const UNDONE: usize = 48
/** Elements without the node's own. */
const HOT: usize = 52
const COLD: usize = 56
const FLAGS: usize = 60

const NONE: u32 = 0xffffffff
/** The node's own element stays cold: the row went the other way at an earlier split on the feature. */
const STAYS_COLD: u32 = 1
/** Nothing may be left out from here on (contrib-path.ts). */
const PLAIN: u32 = 2

/** Adds the contributions of the tree to the columns of its class, f64 [features × blockRows]. */
export function addTreeContributions(record: usize, columns: usize): void {
  const nodes = <usize>load<u32>(record)
  const info = <usize>load<u32>(record, 24)
  const numLeaves = <usize>load<u32>(record, 4)
  const values = nodes + (numLeaves << 4)
  const columnBytes = <usize>blockRows << 3
  let frame = frames
  let weights = weightsOfLevels
  store<f64>(weights, 1)
  writeZeros(weights, 1, 3)
  openFrame(frame, nodes, numLeaves, info, nodes, weights, <u32>rowList, <u32>rowList + (blockRows << 2), 0, 0, 0)
  while (true) {
    const branch = load<u32>(frame, BRANCH)
    const feature = load<u32>(frame, FEATURE)
    if (branch == 4) {
      putBack(frame, feature)
      if (frame == frames) return
      frame -= FRAME
      weights -= levelBytes
      store<u32>(elementOf + (<usize>load<u32>(frame, FEATURE) << 2), 0)
      continue
    }
    store<u32>(frame, branch + 1, BRANCH)
    const rows = load<u32>(frame + (<usize>(branch >> 1) << 2), LEFT_ROWS)
    const endRows = load<u32>(frame + (<usize>(branch >> 1) << 2), RIGHT_ROWS)
    if (rows == endRows) continue

    const side = <usize>((branch ^ (branch >> 1)) & 1) << 3
    const child = <usize>load<u32>(frame, CHILDREN) + side
    const zero = load<f64>(frame + side, CHILD_ZEROS)
    let hot = load<u32>(frame, HOT)
    let cold = load<u32>(frame, COLD)
    let flags = load<u32>(frame, FLAGS)
    const depth = hot + cold + 1
    const isHot = ((branch | flags) & 1) == 0
    const element = isHot ? hot : firstCold + cold
    putElement(element, zero, feature)
    const below = weights + levelBytes
    if ((flags & PLAIN) == 0 && !(zero > 0 && zero <= 1)) {
      flags |= PLAIN
      writeZeros(weights, hot + 1, depth)
    }
    if ((flags & PLAIN) != 0) extendPlain(weights, below, depth, zero, isHot ? 1 : 0)
    else if (isHot) extendHot(weights, below, hot + 1, depth, zero)
    else extendCold(weights, below, hot + 1, depth, zero)
    if (isHot) hot++
    else cold++
    if (<usize>load<u32>(child) < answers) {
      const value = load<f64>(values + ((<usize>load<u32>(child) - leafAnswers) << 3))
      addLeaf(below, hot, cold, value, (flags & PLAIN) != 0, columns, columnBytes, rows, endRows)
      store<u32>(elementOf + (<usize>feature << 2), 0)
    } else {
      frame += FRAME
      weights = below
      openFrame(frame, nodes, numLeaves, info, child, weights, rows, endRows, hot, cold, flags & PLAIN)
    }
  }
}

/** At an inner node: divides its rows, undoes an earlier split on its feature. */
function openFrame(frame: usize, nodes: usize, numLeaves: usize, info: usize, node: usize, weights: usize, rows: u32, endRows: u32, hot: u32, cold: u32, flags: u32): void {
  const condition = <usize>load<u32>(node) - answers
  const children = <usize>load<u32>(node, 4)
  store<u32>(frame, rows, LEFT_ROWS)
  store<u32>(frame, dividedRows(condition, rows, endRows), RIGHT_ROWS)
  store<u32>(frame, endRows, END_ROWS)
  store<u32>(frame, <u32>children, CHILDREN)
  store<u32>(frame, 0, BRANCH)
  const feature = load<u32>(featureOfAnswer + (condition << 2))
  store<u32>(frame, feature, FEATURE)
  const all = <f64>trainingRows(nodes, numLeaves, info, node)
  let leftZero = <f64>trainingRows(nodes, numLeaves, info, children) / all
  let rightZero = <f64>trainingRows(nodes, numLeaves, info, children + 8) / all
  const undone = load<u32>(elementOf + (<usize>feature << 2)) - 1
  store<u32>(frame, undone, UNDONE)
  if (undone != NONE) {
    // A feature that was split on before counts once.
    const zero = load<f64>(zeros + (<usize>undone << 3))
    const depth = hot + cold
    const wasHot = undone < firstCold
    if ((flags & PLAIN) != 0) unwindPlain(weights, depth, zero, wasHot ? 1 : 0)
    else if (!(wasHot ? unwindHot(weights, hot + 1, depth, zero) : unwindCold(weights, hot + 1, depth, zero))) {
      flags |= PLAIN
      writeZeros(weights, wasHot ? hot : hot + 1, depth)
    }
    if (wasHot) {
      hot--
    } else {
      cold--
      flags |= STAYS_COLD
    }
    const last = wasHot ? hot : firstCold + cold
    putElement(undone, load<f64>(zeros + (<usize>last << 3)), load<u32>(features + (<usize>last << 2)))
    store<u32>(elementOf + (<usize>feature << 2), 0)
    store<f64>(frame, zero, UNDONE_ZERO)
    leftZero *= zero
    rightZero *= zero
  }
  store<f64>(frame, leftZero, CHILD_ZEROS)
  store<f64>(frame, rightZero, CHILD_ZEROS + 8)
  store<u32>(frame, hot, HOT)
  store<u32>(frame, cold, COLD)
  store<u32>(frame, flags, FLAGS)
}

/** When a node is done: puts the element back that was undone there. */
// @ts-ignore: decorator
@inline
function putBack(frame: usize, feature: u32): void {
  const undone = load<u32>(frame, UNDONE)
  if (undone == NONE) return
  const last = (load<u32>(frame, FLAGS) & STAYS_COLD) != 0 ? firstCold + load<u32>(frame, COLD) : load<u32>(frame, HOT)
  if (last != undone) putElement(last, load<f64>(zeros + (<usize>undone << 3)), load<u32>(features + (<usize>undone << 2)))
  putElement(undone, load<f64>(frame, UNDONE_ZERO), feature)
}

// @ts-ignore: decorator
@inline
function putElement(index: u32, zero: f64, feature: u32): void {
  store<f64>(zeros + (<usize>index << 3), zero)
  store<u32>(features + (<usize>index << 2), feature)
  store<u32>(elementOf + (<usize>feature << 2), index + 1)
}

/** Moves the rows that go left before the others, without a branch; returns the first of the others. */
function dividedRows(condition: usize, rows: u32, endRows: u32): u32 {
  const bits = answerBits + condition * <usize>((blockRows + 7) >> 3)
  let right = rows
  for (let at = rows; at < endRows; at += 4) {
    const row = load<u32>(<usize>at)
    store<u32>(<usize>at, load<u32>(<usize>right))
    store<u32>(<usize>right, row)
    right += (~(<u32>load<u8>(bits + (row >> 6)) >> ((row >> 3) & 7)) & 1) << 2
  }
  return right
}

/** Training rows that reached a node. */
// @ts-ignore: decorator
@inline
function trainingRows(nodes: usize, numLeaves: usize, info: usize, node: usize): i32 {
  const rows = load<u32>(info + ((node - nodes) >> 1))
  return <usize>load<u32>(node) >= answers ? <i32>rows : load<i32>(info + (numLeaves << 3) + (<usize>rows << 2))
}
