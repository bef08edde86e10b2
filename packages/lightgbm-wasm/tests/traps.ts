import t from 'tap'
import { Booster } from '../src/booster.js'
import { goldenNames, readGolden } from './support/golden.js'
import { modelText, stump, type TreeText } from './support/model-text.js'
import { difference } from './support/same-bits.js'
import { slowBooster } from './support/slow-booster.js'

// Where readers of LightGBM's text models go wrong, one test each. Checked against LightGBM 4.7.0 where its source leaves a doubt.

/** What a model of stumps on feature 0 gives for each value of it. */
async function scores(tree: TreeText, values: readonly number[]): Promise<number[]> {
  const booster = await Booster.load(modelText([tree]))
  return values.map((value) => booster.predict(Float64Array.of(value, 0))[0] ?? NaN)
}

const refused = (text: string | Uint8Array, code: string): Promise<unknown> =>
  t.rejects(Booster.load(text), { name: 'ModelFormatError', code }, `${code} expected`)

t.test('NaN counts as 0 when the missing type is None', async (t) => {
  t.strictSame(await scores(stump(0.5, 0), [NaN, 0, 1]), [1, 1, 2])
  t.strictSame(await scores(stump(-0.5, 2), [NaN, 0, -1]), [2, 2, 1], 'whatever the default direction')
})

t.test('missing type Zero: values up to 1e-35 (float32) and NaN go the default way', async (t) => {
  const zeros = [NaN, 0, -0, 1e-35, -1e-35, Math.fround(1e-35), 5e-324]
  t.strictSame(
    await scores(stump(-3, 4 + 2), zeros),
    zeros.map(() => 1),
    'default left, although above the threshold',
  )
  t.strictSame(
    await scores(stump(3, 4), zeros),
    zeros.map(() => 2),
    'default right, although below',
  )
  t.strictSame(await scores(stump(-3, 4 + 2), [1.0000001e-35 * 1.1, -4]), [2, 1], 'others by the threshold')
})

t.test('missing type NaN: NaN goes the default way, zero does not', async (t) => {
  t.strictSame(await scores(stump(-3, 8 + 2), [NaN, 0, -4]), [1, 2, 1])
  t.strictSame(await scores(stump(3, 8), [NaN, 0, 4]), [2, 1, 2])
})

t.test('decision types 0 to 15, bit 0 categorical, bit 1 default left, bits 2 and 3 the missing type', async (t) => {
  const values = [NaN, 0, -0, 1, 2, 3, -1, 31, 32, Infinity, -Infinity, 1e-36, 0.5]
  for (let decision = 0; decision < 16; decision++) {
    const categorical = (decision & 1) === 1
    const tree = stump(categorical ? 0 : 0.5, decision, categorical ? { num_cat: 1, cat_boundaries: '0 1', cat_threshold: 0b1010 } : {})
    const judge = slowBooster(modelText([tree]))
    t.strictSame(
      await scores(tree, values),
      values.map((value) => judge.raw(Float64Array.of(value, 0))[0]),
      `decision_type ${decision}`,
    )
  }
  await refused(modelText([stump(0.5, 16)]), 'out-of-range')
})

t.test('numeric splits: equal goes left, children below 0 are leaves', async (t) => {
  const next = 0.5 + 2 ** -53 * 2
  t.strictSame(await scores(stump(0.5, 8), [0.5, next, 0.5 - 2 ** -54]), [1, 2, 1])
})

t.test('categorical splits: truncated, and NaN, negative, huge and unseen go right', async (t) => {
  const tree = stump(0, 1, { num_cat: 1, cat_boundaries: '0 2', cat_threshold: `${1 + (1 << 5)} ${1 << 3}` })
  const left = [0, 5, 35, 5.9, -0.4, -0, 35.5]
  const right = [1, 6, 36, 63, 64, 96, -1, NaN, Infinity, -Infinity, 1e10, 2147483647, 2147483648, 4294967296 + 5, 1e300]
  t.strictSame(
    await scores(tree, left),
    left.map(() => 1),
  )
  t.strictSame(
    await scores(tree, right),
    right.map(() => 2),
  )
})

t.test('categorical bits come from cat_boundaries[threshold], not from the first set', async (t) => {
  const tree = {
    num_leaves: 3,
    num_cat: 2,
    split_feature: '0 0',
    split_gain: '1 1',
    threshold: '1 0',
    decision_type: '1 1',
    left_child: '-1 -2',
    right_child: '1 -3',
    leaf_value: '1 2 3',
    cat_boundaries: '0 1 2',
    cat_threshold: '4 8',
  }
  t.strictSame(await scores(tree, [3, 2, 1]), [1, 2, 3])
})

t.test('a category with a set far beyond the others keeps its memory in proportion', async (t) => {
  const words = `${'0 '.repeat(20000)}1`
  const sets = Array.from({ length: 40 }, (_, i) => stump(0, 1, { num_cat: 1, cat_boundaries: '0 1', cat_threshold: i + 1 }))
  const text = modelText([stump(0, 1, { num_cat: 1, cat_boundaries: '0 20001', cat_threshold: words }), ...sets])
  const booster = await Booster.load(text)
  const judge = slowBooster(text)
  for (const value of [0, 1, 5, 640000, 640001, -1, NaN])
    t.strictSame([...booster.predict(Float64Array.of(value, 0))], judge.raw(Float64Array.of(value, 0)))
  t.ok(booster.memoryBytes < 1 << 20)
})

t.test('the pandas_categorical line maps codes to labels', async (t) => {
  const tree = stump(0, 1, { num_cat: 1, cat_boundaries: '0 1', cat_threshold: 2 })
  const labelled = await Booster.load(modelText([tree], {}, '\npandas_categorical:[["low", "high"], [1, 2, 3]]\n'))
  t.strictSame(labelled.pandasCategorical, [
    ['low', 'high'],
    [1, 2, 3],
  ])
  t.equal((await Booster.load(modelText([tree], {}, '\npandas_categorical:null\n'))).pandasCategorical, null)
  t.equal((await Booster.load(modelText([tree]))).pandasCategorical, null)
  await refused(modelText([tree], {}, 'pandas_categorical:[["low"\n'), 'unexpected-line')
})

t.test('a missing num_cat means 0; a categorical split then is refused', async (t) => {
  const without = (text: string): string => text.replace('num_cat=0\n', '')
  const booster = await Booster.load(without(modelText([stump(0.5, 2)])))
  t.strictSame([...booster.predict(Float64Array.of(0, 0, 1, 0))], [1, 2])
  await refused(without(modelText([stump(0, 1)])), 'out-of-range')
})

t.test('linear trees: constant plus terms in the file order, the leaf value when a term is NaN', async (t) => {
  const text = modelText([
    stump(0.5, 0, { is_linear: 1, leaf_const: '0.1 5', num_features: '2 0', leaf_features: '1 0  ', leaf_coeff: '0.3 0.7  ' }),
  ])
  const booster = await Booster.load(text)
  t.strictSame([...booster.predict(Float64Array.of(0.2, 0.4))], [0.1 + 0.3 * 0.4 + 0.7 * 0.2])
  t.strictSame([...booster.predict(Float64Array.of(0.2, NaN))], [1], 'NaN in a term: the leaf value')
  t.strictSame([...booster.predict(Float64Array.of(9, NaN))], [5], 'no terms: the constant')
  t.strictSame([...booster.predict(Float64Array.of(1e-36, 1e-36))], [0.1], 'tiny values are dropped as everywhere')
  t.throws(() => booster.predict(Float64Array.of(0, 0), { predContrib: true }), { message: /linear/ })
  const single = { num_leaves: 1, leaf_value: 3, is_linear: 1, leaf_const: 4, num_features: 1, leaf_features: 1, leaf_coeff: 2 }
  t.strictSame([...(await Booster.load(modelText([single]))).predict(Float64Array.of(0, 5, 0, NaN))], [14, 3], 'of one leaf')
})

t.test('a model with the parameter linear_tree refuses contributions even without linear leaves', async (t) => {
  for (const [value, linear] of [
    ['1', true],
    ['2', true],
    ['-5', true],
    ['0', false],
    ['ode: 1', false],
  ] as const) {
    const booster = await Booster.load(modelText([stump(0.5, 0)], {}, `\nparameters:\n[linear_tree: ${value}]\nend of parameters\n`))
    const contributions = (): Float64Array => booster.predict(Float64Array.of(0, 0), { predContrib: true })
    if (linear) t.throws(contributions, { message: /linear/ }, value)
    else t.equal(contributions().length, 3, value)
  }
})

t.test('a tree of a single leaf gives its value, needs no node arrays, and is all expected value', async (t) => {
  const booster = await Booster.load(modelText([{ num_leaves: 1, leaf_value: 3.25 }]))
  const row = Float64Array.of(NaN, 7)
  t.strictSame([...booster.predict(row)], [3.25])
  t.strictSame([...booster.predict(row, { predLeaf: true })], [0])
  t.strictSame([...booster.predict(row, { predContrib: true })], [0, 0, 3.25])
})

t.test('random forests: predictions are averages, then transformed; raw scores and contributions are sums', async (t) => {
  const trees = [stump(0.5, 0), stump(1.5, 0), stump(2.5, 0)]
  const booster = await Booster.load(modelText(trees, { average_output: '', objective: 'binary sigmoid:1' }))
  const row = Float64Array.of(2, 0)
  t.strictSame([...booster.predict(row, { rawScore: true })], [5])
  t.strictSame([...booster.predict(row)], [1 / (1 + Math.exp(-5 / 3))])
  t.strictSame([...booster.predict(row, { numIteration: 2 })], [1 / (1 + Math.exp(-4 / 2))], 'divided by the iterations that are used')
  const [first = 0, second = 0, expected = 0] = booster.predict(row, { predContrib: true })
  t.equal(second, 0)
  t.ok(Math.abs(first + expected - 5) < 1e-12)
})

t.test('trees are added in the order of the file', async (t) => {
  const values = [0.1, 1e16, 1, -1e16, 0.7, 0.1, 0.2, 0.3, 1e-20, 3, -7.7, 1e5, 1]
  const trees = values.map((value) => ({ num_leaves: 1, leaf_value: String(value) }))
  const booster = await Booster.load(modelText(trees))
  const sum = values.reduce((total, value) => total + value, 0)
  t.strictSame([...booster.predict(Float64Array.of(0, 0))], [sum])
  t.not(
    values.toSorted((a, b) => a - b).reduce((total, value) => total + value, 0),
    sum,
  )
  t.equal(
    Object.is((await Booster.load(modelText([{ num_leaves: 1, leaf_value: '-0' }]))).predict(Float64Array.of(0, 0))[0], 0),
    true,
    '0 + -0 is 0',
  )
})

t.test('thresholds and leaf values are read exactly', async (t) => {
  const hard = [
    '0.1',
    '1.0000000180025095e-35',
    '2.2250738585072011e-308',
    '5e-324',
    '1.7976931348623157e+308',
    '9007199254740993',
    '0.30000000000000004',
    '123456789012345678901234567890',
    '1e-400',
  ]
  for (const text of hard) {
    const booster = await Booster.load(modelText([{ num_leaves: 1, leaf_value: text }]))
    t.equal(booster.predict(Float64Array.of(0, 0))[0], Number(text), text)
  }
})

t.test('an infinite threshold is infinite', async (t) => {
  t.strictSame(await scores(stump('inf', 8), [1e308, Infinity, NaN]), [1, 1, 2], 'finite against NaN')
  t.strictSame(await scores(stump('inf', 10), [1e308, Infinity, NaN]), [1, 1, 1])
  t.strictSame(await scores(stump('-inf', 8), [-Infinity, -1e308, NaN]), [1, 2, 2])
  await refused(modelText([stump('nan', 8)]), 'bad-number')
})

t.test('values that the C API drops: -1.0000000180025095e-35 is 0 even where it is a threshold', async (t) => {
  const edge = '-1.0000000180025095e-35'
  t.strictSame(await scores(stump(edge, 0), [Number(edge), -1.0000000180025097e-35, 0]), [2, 1, 2])
  t.strictSame(await scores(stump('1.0000000180025095e-35', 0), [Number(edge), 1.0000000180025097e-35]), [1, 2])
})

t.test('tree_sizes are counted, not trusted: CRLF and hand edits do not matter', async (t) => {
  const golden = readGolden('binary')
  const rows = golden.doubles('rows.f64')
  const crlf = await Booster.load(golden.model.replaceAll('\n', '\r\n'))
  t.equal(difference(crlf.predict(rows, { rawScore: true }), golden.doubles('raw.f64')), '')
  t.strictSame(crlf.featureName(), golden.featureNames)
  t.equal(crlf.objective, 'binary sigmoid:1')
  const without = await Booster.load(golden.model.replace(/^tree_sizes=.*\n/m, ''))
  t.equal(difference(without.predict(rows, { rawScore: true }), golden.doubles('raw.f64')), '')
  await refused(golden.model.slice(0, golden.model.indexOf('Tree=20')), 'truncated')
})

t.test('a lone CR ends a line for LightGBM, which then misses the rest of it: refused, wherever it stands', async (t) => {
  const model = modelText([stump('0.5', 0)])
  await refused(model.replace('leaf_value=1 2', 'leaf_value=1\r2'), 'unexpected-line')
  await refused(model.replace('Tree=0\n', 'Tree=0\rnum_leaves=2\n'), 'unexpected-line')
  await refused(model.replace('threshold=', '\rthreshold='), 'unexpected-line')
  await refused(model.replace('feature_names=', 'feature_names=\r'), 'unexpected-line')
  await refused(model.replaceAll('\n', '\r'), 'unexpected-line')
  const crlf = await Booster.load(model.replaceAll('\n', '\r\n'))
  t.strictSame([...crlf.predict(Float64Array.of(0, 0, 1, 0))], [1, 2])
})

t.test('a line of three parts between signs of equality is none of LightGBM', async (t) => {
  const model = modelText([stump('0.5', 0)])
  await refused(
    model.replace('num_tree_per_iteration=1\n', 'num_tree_per_iteration=1sion=v3\nnum_tree_per_iteration=1\n'),
    'unexpected-line',
  )
  await refused(model.replace('label_index=0', 'label_index=0=0'), 'unexpected-line')
  await refused(model.replace('label_index=0', 'label_index=0\nanything=a=b'), 'unexpected-line')
  await refused(model.replace('label_index=0', 'label_index=0\nmonotone_constraints=1=0'), 'unexpected-line')
  const taken = ['label_index==0', 'label_index=0\nanything==', 'label_index=0\nnum_class=1']
  for (const line of taken) {
    const booster = await Booster.load(model.replace('label_index=0', line))
    t.strictSame([...booster.predict(Float64Array.of(0, 0, 1, 0))], [1, 2], line)
  }
  const named = await Booster.load(modelText([stump('0.5', 0)], { feature_names: 'a=b=c d' }))
  t.strictSame(named.featureName(), ['a=b=c', 'd'])
})

t.test('CRLF across the ends of the windows that a file is read in', async (t) => {
  const golden = readGolden('stumps')
  const rows = golden.doubles('rows.f64')
  for (let shift = 0; shift < 100; shift++) {
    const padded = golden.model.replace(/^Tree=0\n/m, `Tree=0\npadding=${'x'.repeat(16_384 - 1000 + 20 * shift)}\n`)
    const booster = await Booster.load(padded.replaceAll('\n', '\r\n'))
    t.equal(difference(booster.predict(rows, { rawScore: true }), golden.doubles('raw.f64')), '', `shift ${shift}`)
  }
})

t.test('files of more than 2 GB: offsets are not 32-bit', async (t) => {
  const golden = readGolden('binary')
  const rows = golden.doubles('rows.f64')
  const model = new TextEncoder().encode(golden.model)
  // Pages that nobody writes take no memory.
  const bytes = new Uint8Array(2 ** 31 + model.length)
  bytes.set(model)
  bytes.set(model, 2 ** 31)
  for (const source of [bytes.subarray(2 ** 31), bytes.subarray(0, 2 ** 31 + 1)]) {
    const booster = await Booster.load(source)
    t.equal(difference(booster.predict(rows, { rawScore: true }), golden.doubles('raw.f64')), '')
    booster.dispose()
  }
})

t.test('versions v2, v3 and v4 load, others are refused by name', async () => {
  for (const version of ['v2', 'v3', 'v4']) await Booster.load(modelText([stump(0.5, 2)], { version }))
  for (const version of ['v1', 'v5', '', undefined]) await refused(modelText([stump(0.5, 2)], { version }), 'unsupported-version')
})

t.test('a file without num_tree_per_iteration has one tree per class', async (t) => {
  const booster = await Booster.load(modelText([stump(0.5, 2)], { num_tree_per_iteration: undefined }))
  t.equal(booster.numModelPerIteration(), 1)
})

t.test('feature names: any characters but spaces', async (t) => {
  const names = ['päivä', '价格', 'a=b=c', 'x|y%', 'Column_0', '_1H', '🚀']
  const booster = await Booster.load(modelText([stump(0.5, 2)], { max_feature_idx: '6', feature_names: names.join(' ') }))
  t.strictSame(booster.featureName(), names)
  await refused(modelText([stump(0.5, 2)], { feature_names: 'only_one' }), 'wrong-count')
})

t.test('best_iteration is not in the file: all trees of the file are used', async (t) => {
  const golden = readGolden('early_stopping')
  const booster = await Booster.load(golden.bytes)
  t.equal(booster.currentIteration(), golden.iterations)
})

t.test('feature_infos: ranges, categories, unused', async (t) => {
  const feature_infos = '[-1.5:2e+300] 3:-1:7 none [-inf:inf]'
  const booster = await Booster.load(modelText([stump(0.5, 2)], { max_feature_idx: '3', feature_infos }))
  t.strictSame(booster.featureInfo(), [
    { kind: 'range', min: -1.5, max: 2e300 },
    { kind: 'categories', values: [3, -1, 7] },
    { kind: 'unused' },
    { kind: 'range', min: -Infinity, max: Infinity },
  ])
  await refused(modelText([stump(0.5, 2)], { feature_infos: '[-1:1] ?' }), 'bad-number')
})

t.test('malformed: indices outside, cycles, shared nodes, lists of the wrong length', async () => {
  const chain = (more: TreeText): string =>
    modelText([
      {
        num_leaves: 3,
        split_feature: '0 1',
        split_gain: '1 1',
        threshold: '0 0',
        decision_type: '2 2',
        left_child: '1 -1',
        right_child: '-3 -2',
        leaf_value: '1 2 3',
        ...more,
      },
    ])
  await Booster.load(chain({}))
  await refused(chain({ left_child: '0 -1' }), 'not-a-tree')
  await refused(chain({ left_child: '1 1' }), 'not-a-tree')
  await refused(chain({ left_child: '1 -2' }), 'not-a-tree')
  await refused(chain({ left_child: '2 -1' }), 'out-of-range')
  await refused(chain({ left_child: '1 -4' }), 'out-of-range')
  await refused(chain({ left_child: '1 -2147483648' }), 'out-of-range')
  // Nodes that the root does not lead to: one leaf for two, and two that have each other.
  await refused(chain({ left_child: '-1 -1', right_child: '-3 -2' }), 'not-a-tree')
  const apart = {
    num_leaves: 4,
    split_feature: '0 1 1',
    split_gain: '1 1 1',
    threshold: '0 0 0',
    decision_type: '2 2 2',
    leaf_value: '1 2 3 4',
  }
  await refused(chain({ ...apart, left_child: '-1 2 1', right_child: '-2 -3 -4' }), 'not-a-tree')
  await refused(chain({ split_feature: '0 2' }), 'out-of-range')
  await refused(chain({ split_feature: '0 -1' }), 'out-of-range')
  await refused(chain({ threshold: '0' }), 'wrong-count')
  await refused(chain({ threshold: '0 0 0' }), 'wrong-count')
  await refused(chain({ threshold: '0 0x1' }), 'bad-number')
  await refused(chain({ threshold: '0 abc' }), 'bad-number')
  await refused(chain({ num_leaves: 0 }), 'out-of-range')
  await refused(chain({ num_leaves: -3 }), 'out-of-range')
  await refused(chain({ num_leaves: '2147483648' }), 'too-large')
  await refused(chain({ num_leaves: '2147483647' }), 'too-large')
  await refused(chain({}).replace('leaf_value=1 2 3\n', ''), 'missing-field')
  await refused(chain({}).replace('left_child=1 -1\n', ''), 'missing-field')
  await refused(chain({}).replace('num_leaves=3\n', ''), 'missing-field')
  await refused(chain({}).replace('threshold=0 0\n', 'threshold=0 0\nthreshold=0 0\n'), 'duplicate-field')
  await refused(chain({}).replace('threshold=0 0\n', 'threshold\n'), 'unexpected-line')
})

t.test('malformed: categories whose sets lie outside', async () => {
  const categorical = (more: TreeText): string => modelText([stump(0, 1, { num_cat: 1, cat_boundaries: '0 1', cat_threshold: 2, ...more })])
  await Booster.load(categorical({}))
  await refused(categorical({ threshold: 1 }), 'out-of-range')
  await refused(categorical({ threshold: -1 }), 'out-of-range')
  await refused(categorical({ threshold: 'inf' }), 'out-of-range')
  await refused(categorical({ cat_boundaries: '1 0' }), 'out-of-range')
  await refused(categorical({ cat_boundaries: '0 2' }), 'wrong-count')
  await refused(categorical({ cat_boundaries: '0 2147483647' }), 'too-large')
  await refused(categorical({ num_cat: 2147483647 }), 'too-large')
  await refused(categorical({ num_cat: 2 }), 'wrong-count')
  await refused(categorical({ cat_threshold: 4294967296 }), 'out-of-range')
  await refused(categorical({}).replace('cat_threshold=2\n', ''), 'missing-field')
})

t.test('hostile: claims beyond the file, at once', async (t) => {
  const start = performance.now()
  await refused(modelText([stump(0.5, 2)], { num_class: '1000000' }), 'too-large')
  await refused(modelText([stump(0.5, 2)], { num_class: '1000' }), 'wrong-count')
  await refused(modelText([stump(0.5, 2)], { max_feature_idx: '2147483647', feature_names: 'a', feature_infos: 'none' }), 'too-large')
  await refused(modelText([stump(0.5, 2)], { max_feature_idx: '10000000', feature_names: 'a', feature_infos: 'none' }), 'wrong-count')
  await refused(modelText([stump(`0.${'1'.repeat(5_000_000)}`, 2)]), 'bad-number')
  await refused(modelText([{ ...stump(0.5, 2), leaf_value: '1 '.repeat(5_000_000) }]), 'wrong-count')
  await refused(modelText([{ ...stump(0.5, 2), ['x'.repeat(1_000_000)]: 1 }]), 'unexpected-line')
  await refused('tree'.repeat(1_000_000), 'not-a-model')
  await refused('', 'not-a-model')
  await refused('tree\n', 'unsupported-version')
  t.ok(performance.now() - start < 5000)
})

t.test('every truncation of a model is refused, or scores what is whole', async (t) => {
  const golden = readGolden('stumps')
  const rows = golden.doubles('rows.f64').subarray(0, 3 * golden.cols)
  const expected = golden.doubles('raw.f64').subarray(0, 3)
  let loaded = 0
  for (let length = 0; length < golden.bytes.length; length++) {
    try {
      const booster = await Booster.load(golden.bytes.subarray(0, length))
      const wrong = difference(booster.predict(rows, { rawScore: true }), expected)
      if (wrong !== '') t.fail(`cut behind ${length} bytes: ${wrong}`)
      loaded++
    } catch (error) {
      if ((error as Error).name !== 'ModelFormatError') throw error
    }
  }
  t.ok(loaded > 0, 'what is cut off behind the trees does not matter')
})

t.test('contributions add up to the raw score', async (t) => {
  for (const name of goldenNames.filter((each) => !each.startsWith('linear') && each !== 'huge_values')) {
    const golden = readGolden(name)
    const booster = await Booster.load(golden.bytes)
    const rows = golden.doubles('rows.f64')
    const raw = booster.predict(rows, { rawScore: true })
    const contributions = booster.predict(rows, { predContrib: true })
    const width = golden.cols + 1
    let worst = 0
    raw.forEach((score, i) => {
      const sum = contributions.subarray(i * width, (i + 1) * width).reduce((total, value) => total + value, 0)
      worst = Math.max(worst, Math.abs(sum - score) / (1 + Math.abs(score)))
    })
    t.ok(worst < 1e-9, `${name}: ${worst}`)
  }
})

t.test('row lengths are checked, names never', async (t) => {
  const booster = await Booster.load(modelText([stump(0.5, 2)]))
  t.throws(() => booster.predict(new Float64Array(3)), RangeError)
  t.strictSame([...booster.predict(new Float64Array(0))], [])
})
