import t from 'tap'
import { Booster } from '../src/booster.js'
import type { PredictOptions } from '../src/predict-options.js'
import { goldenNames, readGolden } from './support/golden.js'
import { modelText, stump } from './support/model-text.js'
import { seededRandom } from './support/random.js'
import { difference } from './support/same-bits.js'
import { slowBooster } from './support/slow-booster.js'

t.test('any number of rows gives what single rows give', async (t) => {
  for (const name of ['regression_l2', 'categorical_multiclass', 'linear_tree_nan', 'wide']) {
    const golden = readGolden(name)
    const booster = await Booster.load(golden.bytes)
    const all = golden.doubles('rows.f64')
    const raw = golden.doubles('raw.f64')
    const outputs = golden.treesPerIteration
    for (const count of [1, 2, 3, 7, 8, 9, 16, 17, 23, 24, 31, 32, 33, 63, 64, 65, golden.rows]) {
      const found = booster.predict(all.subarray(0, count * golden.cols), { rawScore: true })
      t.equal(difference(found, raw.subarray(0, count * outputs)), '', `${name}, ${count} rows`)
    }
    const many = new Float64Array(all.length * 11)
    for (let i = 0; i < 11; i++) many.set(all, i * all.length)
    const found = booster.predict(many, { rawScore: true })
    for (let i = 0; i < 11; i++) t.equal(difference(found.subarray(i * raw.length, (i + 1) * raw.length), raw), '', `${name}, copy ${i}`)
  }
})

t.test('random rows score as the slow judge says', async (t) => {
  const random = seededRandom(7)
  for (const name of goldenNames.filter((each) => !['deep', 'wide'].includes(each))) {
    const golden = readGolden(name)
    const booster = await Booster.load(golden.bytes)
    const judge = slowBooster(golden.model)
    const known = golden.doubles('rows.f64')
    const rows = new Float64Array(40 * golden.cols).map(
      () => hostile(random.below(14)) ?? random.pick([...known.subarray(0, 200)]) * (random.unit() * 2 - 0.5),
    )
    const each = Array.from({ length: 40 }, (_, i) => rows.subarray(i * golden.cols, (i + 1) * golden.cols))
    t.equal(
      difference(
        booster.predict(rows, { rawScore: true }),
        each.flatMap((row) => judge.raw(row)),
      ),
      '',
      `${name} scores`,
    )
    t.equal(
      difference(
        booster.predict(rows, { predLeaf: true }),
        each.flatMap((row) => judge.leaves(row)),
      ),
      '',
      `${name} leaves`,
    )
  }
  function hostile(kind: number): number | undefined {
    return [NaN, 0, -0, Infinity, -Infinity, 1e-36, 5e-324, 2 ** 31, -0.5][kind]
  }
})

t.test('columns of all sizes, at and beside their thresholds, whatever is missing', async (t) => {
  const random = seededRandom(11)
  // No missing values, 0 and NaN missing, NaN missing; left and right.
  const kinds = [0, 2, 4, 6, 8, 10]
  const sizes = [1, 4, 5, 16, 17, 33, 49, 65, 200, 255, 256]
  const columns = kinds.flatMap((decision) =>
    sizes.map((size, i) => {
      // Evenly spread, or crowded around 0 so that buckets do not help.
      const crowded = i % 3 === 2 ? 30 : i % 3 === 1 ? 3 : 1
      const thresholds = Array.from({ length: size }, () => random.pick([-1, 1]) * random.unit() ** crowded)
      if (size > 4) thresholds.splice(1, 3, 1.0000000180025095e-35, -1.0000000180025095e-35, Infinity)
      return { decision, thresholds }
    }),
  )
  const trees = columns.flatMap(({ decision, thresholds }, feature) =>
    thresholds.map((threshold) => stump(threshold === Infinity ? 'inf' : threshold, decision, { split_feature: feature })),
  )
  const text = modelText(trees, { max_feature_idx: String(columns.length - 1) })
  const booster = await Booster.load(text)
  const judge = slowBooster(text)
  for (let i = 0; i < 24; i++) {
    const row = Float64Array.from(columns, ({ thresholds }) => {
      const threshold = random.pick(thresholds)
      const beside = threshold * (1 + random.pick([-1, 1]) * Number.EPSILON)
      return random.pick([
        threshold,
        threshold,
        beside,
        beside,
        random.unit() * 3 - 1.5,
        NaN,
        0,
        -0,
        1e-36,
        -1e-36,
        5e-324,
        Infinity,
        -Infinity,
      ])
    })
    // One call each: tables of this size are fetched before the second row.
    t.equal(difference(booster.predict(row, { rawScore: true }), judge.raw(row)), '', `row ${i}, score`)
    t.equal(difference(booster.predict(row, { predLeaf: true }), judge.leaves(row)), '', `row ${i}, leaves`)
  }
})

t.test('startIteration and numIteration as in LightGBM: clamped, and 0 or less means all', async (t) => {
  const values = [1, 10, 100, 1000]
  const booster = await Booster.load(modelText(values.map((value) => ({ num_leaves: 1, leaf_value: value }))))
  const sum = (startIteration?: number, numIteration?: number): number => {
    const options: PredictOptions = {}
    if (startIteration !== undefined) options.startIteration = startIteration
    if (numIteration !== undefined) options.numIteration = numIteration
    return booster.predict(Float64Array.of(0, 0), options)[0] ?? NaN
  }
  t.equal(sum(), 1111)
  t.equal(sum(0, -1), 1111)
  t.equal(sum(0, 0), 1111)
  t.equal(sum(0, 2), 11)
  t.equal(sum(1, 2), 110)
  t.equal(sum(3, 9), 1000)
  t.equal(sum(2), 1100)
  t.equal(sum(-5, 1), 1)
  t.equal(sum(4), 0)
  t.equal(sum(99, 2), 0)
  t.equal(sum(0, 99), 1111)
  t.equal(booster.predict(Float64Array.of(0, 0), { predLeaf: true, startIteration: 1, numIteration: 2 }).length, 2)
  t.equal(booster.predict(Float64Array.of(0, 0), { predLeaf: true, startIteration: 9 }).length, 0)
  t.strictSame([...booster.predict(Float64Array.of(0, 0), { predContrib: true, startIteration: 1, numIteration: 2 })], [0, 0, 110])
})

t.test('float32 rows are LightGBM float32 matrices: widened, then scored', async (t) => {
  const golden = readGolden('regression_l2')
  const booster = await Booster.load(golden.bytes)
  const narrow = Float32Array.from(golden.doubles('rows.f64'))
  for (const options of [{ rawScore: true }, {}, { predLeaf: true }, { predContrib: true }]) {
    t.equal(difference(booster.predict(narrow, options), booster.predict(Float64Array.from(narrow), options)), '')
  }
})

t.test('out receives the results and is returned', async (t) => {
  const booster = await Booster.load(modelText([stump(0.5, 2)]))
  const rows = Float64Array.of(0, 0, 1, 0)
  const out = new Float64Array(2)
  t.equal(booster.predict(rows, { out }), out)
  t.strictSame([...out], [1, 2])
  const leaves = new Int32Array(2)
  t.equal(booster.predict(rows, { predLeaf: true, out: leaves }), leaves)
  t.strictSame([...leaves], [0, 1])
  const contributions = new Float64Array(6)
  t.equal(booster.predict(rows, { predContrib: true, out: contributions }), contributions)
  t.throws(() => booster.predict(rows, { out: new Float64Array(3) }), RangeError)
  t.throws(() => booster.predict(rows, { out: leaves }), TypeError)
  t.throws(() => booster.predict(rows, { predLeaf: true, out }), TypeError)
})

t.test('wrong arguments are told by name', async (t) => {
  const booster = await Booster.load(modelText([stump(0.5, 2)]))
  const rows = Float64Array.of(0, 0)
  const wrong = booster as unknown as { predict(...values: unknown[]): unknown; featureImportance(type: unknown): unknown }
  for (const value of [undefined, null, [0, 0], [[0, 0]], '0,0', new Int32Array(2), 1]) t.throws(() => wrong.predict(value), TypeError)
  for (const length of [1, 3, 5])
    t.throws(() => booster.predict(new Float64Array(length)), { name: 'RangeError', message: /multiple of 2/ })
  t.throws(() => wrong.predict(rows, null), TypeError)
  t.throws(() => wrong.predict(rows, { raw_score: true }), { name: 'TypeError', message: /raw_score/ })
  t.throws(() => wrong.predict(rows, { rawScore: 1 }), { name: 'TypeError', message: /rawScore/ })
  t.throws(() => wrong.predict(rows, { startIteration: '1' }), { name: 'TypeError', message: /startIteration/ })
  t.throws(() => wrong.predict(rows, { numIteration: 1.5 }), { name: 'TypeError', message: /numIteration/ })
  t.throws(() => booster.predict(rows, { rawScore: true, predContrib: true }), { name: 'TypeError', message: /at most one/ })
  t.throws(() => booster.predict(rows, { predEarlyStop: true, predEarlyStopFreq: 0 }), RangeError)
  t.throws(() => booster.predict(rows, { predEarlyStop: true, predEarlyStopMargin: -1 }), RangeError)
  t.throws(() => wrong.featureImportance('weight'), TypeError)
  const load = (source: unknown): Promise<Booster> => Booster.load(source as string)
  for (const source of [undefined, null, 5, new ArrayBuffer(3), {}]) await t.rejects(load(source), TypeError)
})

t.test('a string loads as its bytes do', async (t) => {
  const golden = readGolden('feature_names')
  const booster = await Booster.load(golden.model)
  t.strictSame(booster.featureName(), golden.featureNames)
  t.equal(difference(booster.predict(golden.doubles('rows.f64'), { rawScore: true }), golden.doubles('raw.f64')), '')
})

t.test('after dispose every use fails, a second dispose does not', async (t) => {
  const booster = await Booster.load(modelText([stump(0.5, 2)]))
  booster.dispose()
  booster.dispose()
  for (const use of [
    () => booster.predict(Float64Array.of(0, 0)),
    () => booster.featureName(),
    () => booster.numFeature(),
    () => booster.objective,
    () => booster.featureImportance(),
    () => booster.featureMissing(),
  ]) {
    t.throws(use, { message: /disposed/ })
  }
})

t.test('featureMissing says how splits treat what is missing', async (t) => {
  const header = { max_feature_idx: '5' }
  const on = (split_feature: number, decision: number, more = {}) => stump(decision & 1 ? 0 : 0.5, decision, { split_feature, ...more })
  const sets = { num_cat: 1, cat_boundaries: '0 1', cat_threshold: 2 }
  const booster = await Booster.load(modelText([on(0, 2), on(1, 4), on(2, 10), on(2, 8), on(3, 1, sets), on(4, 8), on(4, 0)], header))
  t.strictSame(booster.featureMissing(), ['none', 'zero', 'nan', 'nan', 'none', 'unused'])
})

t.test('prediction early stop: a row is done once its margin is large enough', async (t) => {
  const trees = [3, 3, 3, -20].map((value) => ({ num_leaves: 1, leaf_value: value }))
  const row = Float64Array.of(0, 0)
  const stop = { rawScore: true, predEarlyStop: true, predEarlyStopFreq: 1, predEarlyStopMargin: 10 }
  const binary = await Booster.load(modelText(trees, { objective: 'binary sigmoid:1' }))
  t.strictSame([...binary.predict(row, stop)], [6], 'twice the score is above 10 after two')
  t.strictSame([...binary.predict(row, { ...stop, predEarlyStopMargin: 12 })], [9], 'above, not equal')
  t.strictSame([...binary.predict(row, { ...stop, predEarlyStopFreq: 3 })], [9])
  t.strictSame([...binary.predict(row, { ...stop, predEarlyStopFreq: 5 })], [-11])
  t.strictSame([...binary.predict(row, { rawScore: true })], [-11])
  const regression = await Booster.load(modelText(trees))
  t.strictSame([...regression.predict(row, stop)], [-11], 'ignored where the objective needs accurate predictions')
  const classes = [1, 5, 20, 1, 2, 3].map((value) => ({ num_leaves: 1, leaf_value: value }))
  const multiclass = await Booster.load(modelText(classes, { num_class: '3', objective: 'multiclass num_class:3' }))
  t.strictSame([...multiclass.predict(row, stop)], [1, 5, 20], 'the two best are 15 apart')
  t.strictSame([...multiclass.predict(row, { ...stop, predEarlyStopMargin: 15 })], [2, 7, 23])
})
