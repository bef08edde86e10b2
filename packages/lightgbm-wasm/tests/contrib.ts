import t from 'tap'
import { Booster } from '../src/booster.js'
import { compileFor } from '../src/compile-engine.js'
import { loadModel } from '../src/load-model.js'
import { modelText, type TreeText } from './support/model-text.js'
import { seededRandom, type Random } from './support/random.js'
import { difference } from './support/same-bits.js'
import { addSlowContributions, type ContributionTree } from './support/slow-contributions.js'

// Rows that decide alike share their work, zeros are left out, pairs are computed side by side: the judge does none of it.

type Counts = 'fitting' | 'with zeros' | 'contradicting'

interface RandomTree extends ContributionTree {
  readonly thresholds: readonly number[]
}

t.test('random models: sizes and shapes of trees, features that repeat, classes, slices, counts that contradict each other', async (t) => {
  const random = seededRandom(21)
  for (let round = 0; round < 60; round++) {
    const features = random.pick([1, 2, 5, 12, 40])
    const classes = random.pick([1, 1, 3])
    const counts = random.pick<Counts>(['fitting', 'fitting', 'with zeros', 'contradicting'])
    const trees = Array.from({ length: classes * 3 }, () =>
      randomTree(random, random.pick([1, 2, 3, 8, 21]), features, random.pick([true, false]), counts),
    )
    const rows = randomRows(random, random.pick([1, 2, 7, 8, 9, 40]), features)
    const startIteration = random.below(3)
    const slice = { startIteration, numIteration: 1 + random.below(3 - startIteration) }
    const model = text(trees, features, classes)
    const booster = await Booster.load(model)
    const scalar = await loadModel(await compileFor(false), new TextEncoder().encode(model))
    for (const { startIteration, numIteration } of [{ startIteration: 0, numIteration: 3 }, slice]) {
      const taken = trees.slice(startIteration * classes, (startIteration + numIteration) * classes)
      const expected = judge(taken, rows, features, classes)
      const found = booster.predict(rows, { predContrib: true, startIteration, numIteration })
      t.equal(difference(found, expected), '', `model ${round}, counts ${counts}`)
      const withoutSimd = new Float64Array(expected.length)
      scalar.engine.contributions(rows, rows.length / features, startIteration, numIteration, withoutSimd)
      t.equal(difference(withoutSimd, expected), '', `model ${round}, counts ${counts}, without SIMD`)
    }
    booster.dispose()
  }
})

t.test('more rows than a block has', async (t) => {
  const random = seededRandom(22)
  const trees = [randomTree(random, 6, 4, false, 'fitting'), randomTree(random, 7, 4, true, 'fitting')]
  const rows = randomRows(random, 2100, 4)
  const booster = await Booster.load(text(trees, 4, 1))
  t.equal(difference(booster.predict(rows, { predContrib: true }), judge(trees, rows, 4, 1)), '')
})

t.test('a chain: deep with many features, very deep with few', async (t) => {
  const random = seededRandom(23)
  const deep = randomTree(random, 120, 150, true, 'fitting')
  const rows = randomRows(random, 2, 150)
  const booster = await Booster.load(text([deep], 150, 1))
  t.equal(difference(booster.predict(rows, { predContrib: true }), judge([deep], rows, 150, 1)), '')

  const veryDeep = await Booster.load(text([randomTree(random, 50_000, 3, true, 'fitting')], 3, 1))
  const before = veryDeep.memoryBytes
  veryDeep.predict(randomRows(random, 1, 3), { predContrib: true })
  t.ok(veryDeep.memoryBytes - before < 50_000 * 200, 'memory grows with depth × features')
})

t.test('a tree so deep and of so many features that the paths need too much memory is refused, and can still be scored', async (t) => {
  const booster = await Booster.load(text([randomTree(seededRandom(24), 12_000, 12_000, true, 'fitting')], 12_000, 1))
  const row = new Float64Array(12_000)
  t.throws(() => booster.predict(row, { predContrib: true }), { message: /too deep/ })
  t.equal(booster.predict(row).length, 1)
})

function judge(trees: readonly ContributionTree[], rows: Float64Array, features: number, classes: number): Float64Array {
  const width = features + 1
  const all = new Float64Array((rows.length / features) * classes * width)
  for (let row = 0; row * features < rows.length; row++) {
    trees.forEach((tree, i) => {
      const start = (row * classes + (i % classes)) * width
      addSlowContributions(tree, rows.subarray(row * features, (row + 1) * features), all.subarray(start, start + width))
    })
  }
  return all
}

function randomTree(random: Random, leaves: number, features: number, chain: boolean, counts: Counts): RandomTree {
  const left: number[] = []
  const right: number[] = []
  const open: [node: number, side: number[]][] = []
  for (let node = 0; node < leaves - 1; node++) {
    const [parent, side] = open.splice(chain ? open.length - 1 : random.below(open.length), 1)[0] ?? [-1, left]
    const leaf = side[parent] ?? ~0
    if (parent >= 0) side[parent] = node
    left[node] = leaf
    right[node] = ~(node + 1)
    if (random.below(2) === 0) open.push([node, left], [node, right])
    else open.push([node, right], [node, left])
  }
  const leafCounts = Array.from({ length: leaves }, () => (counts === 'with zeros' ? random.below(3) : 1 + random.below(99)))
  const nodeCounts = new Array<number>(leaves - 1).fill(0)
  const countOf = (child: number): number => (child < 0 ? leafCounts[~child] : nodeCounts[child]) ?? 0
  // Children come after their parents.
  for (let node = leaves - 2; node >= 0; node--) {
    nodeCounts[node] = counts === 'contradicting' ? random.below(300) : countOf(left[node] ?? 0) + countOf(right[node] ?? 0)
  }
  const splits = Array.from({ length: leaves - 1 }, () => random.below(features))
  const thresholds = splits.map(() => Math.round(random.unit() * 200 - 100) / 100)
  const goesLeft = (node: number, row: Float64Array): boolean => (row[splits[node] ?? 0] ?? NaN) <= (thresholds[node] ?? NaN)
  const values = leafCounts.map(() => random.unit() - 0.5)
  return { features: splits, thresholds, left, right, nodeCounts, leafCounts, values, goesLeft }
}

function randomRows(random: Random, count: number, features: number): Float64Array {
  return new Float64Array(count * features).map(() => random.unit() * 2.4 - 1.2)
}

function text(trees: readonly RandomTree[], features: number, classes: number): string {
  const fields = trees.map((tree): TreeText => {
    const leaves = { num_leaves: tree.values.length, leaf_value: tree.values.join(' '), leaf_count: tree.leafCounts.join(' ') }
    if (tree.values.length === 1) return leaves
    return {
      ...leaves,
      split_feature: tree.features.join(' '),
      split_gain: tree.features.map(() => 1).join(' '),
      threshold: tree.thresholds.join(' '),
      decision_type: tree.features.map(() => 2).join(' '),
      left_child: tree.left.join(' '),
      right_child: tree.right.join(' '),
      internal_count: tree.nodeCounts.join(' '),
    }
  })
  const header = classes > 1 ? { num_class: String(classes), objective: `multiclass num_class:${classes}` } : {}
  return modelText(fields, { max_feature_idx: String(features - 1), ...header })
}
