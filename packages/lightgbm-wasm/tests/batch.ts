import t from 'tap'
import { Booster } from '../src/booster.js'
import { compileFor } from '../src/compile-engine.js'
import { loadModel } from '../src/load-model.js'
import { readGolden } from './support/golden.js'
import { modelText, type TreeText } from './support/model-text.js'
import { seededRandom, type Random } from './support/random.js'
import { difference } from './support/same-bits.js'

// Many rows are scored in blocks, single rows are walked through the trees: two ways to the same bits.

const COUNTS = Array.from({ length: 300 }, (_, i) => i + 1)
const FEATURES = 11
const outOf = [NaN, 0, -0, 1e-36, -1e-35, -1.0000000180025095e-35, Infinity, -Infinity, 2 ** 31, -0.5, -1, 0.9, 31.999, 1e300]

t.test('every number of rows around the borders of blocks', async (t) => {
  const random = seededRandom(11)
  const trees = Array.from({ length: 9 }, (_, i) => randomTree(random, [1, 2, 3, 16, 17, 40, 255, 256, 33][i] ?? 1))
  const booster = await Booster.load(text(trees))
  const rows = randomRows(random, 300)
  const scores = oneByOne(booster, rows, 1, 'rawScore')
  const leaves = oneByOne(booster, rows, trees.length, 'predLeaf')
  for (const count of COUNTS) {
    const part = rows.subarray(0, count * FEATURES)
    const found = [difference(booster.predict(part, { rawScore: true }), scores.subarray(0, count))]
    found.push(difference(booster.predict(part, { predLeaf: true }), leaves.subarray(0, count * trees.length)))
    if (found.some(Boolean)) t.fail(`${count} rows: ${found.join('; ')}`)
  }
  t.pass('1 to 300 rows')
})

t.test('random models: sizes of trees, kinds of conditions, classes and slices', async (t) => {
  const random = seededRandom(12)
  for (let round = 0; round < 40; round++) {
    const classes = random.pick([1, 1, 3])
    const trees = Array.from({ length: classes * (1 + random.below(11)) }, () =>
      randomTree(random, random.pick([1, 2, 5, 31, 64, 256, 257, 700])),
    )
    const header: Record<string, string> = classes > 1 ? { num_class: String(classes), objective: `multiclass num_class:${classes}` } : {}
    const booster = await Booster.load(text(trees, header))
    const rows = randomRows(random, 24 + random.below(200))
    const iterations = trees.length / classes
    const startIteration = random.below(iterations)
    const slice = { startIteration, numIteration: 1 + random.below(iterations - startIteration) }
    for (const options of [{}, slice]) {
      const scores = booster.predict(rows, { rawScore: true, ...options })
      t.equal(difference(scores, oneByOne(booster, rows, classes, 'rawScore', options)), '', `model ${round}: scores`)
      const leaves = booster.predict(rows, { predLeaf: true, ...options })
      const width = leaves.length / (rows.length / FEATURES)
      t.equal(difference(leaves, oneByOne(booster, rows, width, 'predLeaf', options)), '', `model ${round}: leaves`)
      t.equal(
        difference(booster.predict(rows, options), oneByOne(booster, rows, classes, 'prediction', options)),
        '',
        `model ${round}: outputs`,
      )
    }
    booster.dispose()
  }
})

t.test('columns of more thresholds and features of more categories than a byte counts', async (t) => {
  const random = seededRandom(13)
  const thresholds = Array.from({ length: 70 }, () => randomTree(random, 64, () => 1))
  const sets = Array.from({ length: 40 }, () => randomTree(random, 12, () => 0))
  const booster = await Booster.load(text([...thresholds, ...sets]))
  const rows = randomRows(random, 200)
  t.equal(difference(booster.predict(rows, { rawScore: true }), oneByOne(booster, rows, 1, 'rawScore')), '')
})

t.test('a tree too large for blocks is walked', async (t) => {
  const random = seededRandom(14)
  for (const leaves of [4094, 4095, 4096, 4200]) {
    const booster = await Booster.load(text([randomTree(random, 5), randomTree(random, leaves)]))
    const rows = randomRows(random, 150)
    t.equal(difference(booster.predict(rows, { predLeaf: true }), oneByOne(booster, rows, 2, 'predLeaf')), '', `${leaves} leaves`)
  }
})

t.test('linear trees and early stop in blocks of rows', async (t) => {
  for (const name of ['linear_tree_nan', 'linear_tree']) {
    const golden = readGolden(name)
    const booster = await Booster.load(golden.bytes)
    const rows = golden.doubles('rows.f64')
    t.equal(difference(booster.predict(rows, { rawScore: true }), golden.doubles('raw.f64')), '', name)
  }
  const random = seededRandom(15)
  const booster = await Booster.load(
    text(
      Array.from({ length: 30 }, () => randomTree(random, 20)),
      { objective: 'binary sigmoid:1' },
    ),
  )
  const rows = randomRows(random, 100)
  const stop = { predEarlyStop: true, predEarlyStopFreq: 2, predEarlyStopMargin: 3 }
  t.equal(difference(booster.predict(rows, { rawScore: true, ...stop }), oneByOne(booster, rows, 1, 'rawScore', stop)), '')
})

t.test('blocks without SIMD', async (t) => {
  const random = seededRandom(16)
  const bytes = new TextEncoder().encode(text([300, 64, 31, 7, 1, 256].map((leaves) => randomTree(random, leaves))))
  const rows = randomRows(random, 201)
  const booster = await Booster.load(bytes)
  const expected = oneByOne(booster, rows, 1, 'rawScore')
  const { engine } = await loadModel(await compileFor(false), bytes)
  const scoring = { first: 0, iterations: 6, transform: 0, parameter: 1, divideBy: 1, frequency: 0, margin: 0 }
  for (const count of [1, 11, 12, 63, 64, 65, 75, 76, 128, 129, 201]) {
    const out = new Float64Array(count)
    engine.score(rows.subarray(0, count * FEATURES), count, scoring, out)
    t.equal(difference(out, expected.subarray(0, count)), '', `${count} rows`)
  }
})

function oneByOne(booster: Booster, rows: Float64Array, width: number, kind: 'rawScore' | 'predLeaf' | 'prediction', more: object = {}) {
  const each = Array.from({ length: rows.length / FEATURES }, (_, i) => rows.subarray(i * FEATURES, (i + 1) * FEATURES))
  const options = kind === 'prediction' ? more : { [kind]: true, ...more }
  const all = kind === 'predLeaf' ? new Int32Array(each.length * width) : new Float64Array(each.length * width)
  each.forEach((row, i) => all.set(booster.predict(row, options), i * width))
  return all
}

function randomRows(random: Random, count: number): Float64Array {
  return Float64Array.from({ length: count * FEATURES }, (_, i) => {
    if (random.below(8) === 0) return random.pick(outOf)
    return i % FEATURES === 0 ? random.below(700) : random.unit() * 12 - 6
  })
}

/** Any shape; feature 0 is split by categories, the others by thresholds of every missing type. */
function randomTree(random: Random, leaves: number, featureOf = () => random.below(FEATURES)): TreeText {
  if (leaves === 1) return { num_leaves: 1, leaf_value: random.unit() }
  const nodes = Array.from({ length: leaves - 1 }, () => [0, 0] as [number, number])
  // Each new node takes the place of a random leaf.
  nodes[0] = [-1, -2]
  for (let node = 1; node < leaves - 1; node++) {
    const parent = nodes[random.below(node)] as [number, number]
    const side = parent[random.below(2)] as number
    if (side >= 0) node--
    else {
      parent[parent.indexOf(side)] = node
      nodes[node] = [side, -(node + 2)]
    }
  }
  const features = nodes.map(() => featureOf())
  let sets = 0
  const boundaries = [0]
  const words: number[] = []
  const decisions: number[] = []
  const thresholds = features.map((feature) => {
    if (feature > 0) {
      decisions.push(random.below(3) * 4 + random.below(2) * 2)
      return random.below(40) === 0
        ? random.pick(['inf', '-inf', '0', '1.0000000180025095e-35', '-1.0000000180025095e-35'])
        : String(random.unit() * 10 - 5)
    }
    decisions.push(1)
    for (let word = random.below(random.pick([2, 20])); word >= 0; word--) words.push(random.below(2 ** 32))
    boundaries.push(words.length)
    return String(sets++)
  })
  return {
    num_leaves: leaves,
    num_cat: sets,
    split_feature: features.join(' '),
    split_gain: features.map(() => 1).join(' '),
    threshold: thresholds.join(' '),
    decision_type: decisions.join(' '),
    left_child: nodes.map(([left]) => left).join(' '),
    right_child: nodes.map(([, right]) => right).join(' '),
    leaf_value: Array.from({ length: leaves }, () => random.unit() - 0.5).join(' '),
    ...(sets > 0 ? { cat_boundaries: boundaries.join(' '), cat_threshold: words.join(' ') } : {}),
  }
}

function text(trees: readonly TreeText[], header: Readonly<Record<string, string>> = {}): string {
  return modelText(trees, { max_feature_idx: String(FEATURES - 1), ...header })
}
