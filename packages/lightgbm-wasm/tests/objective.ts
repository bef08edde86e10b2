import t from 'tap'
import { Booster } from '../src/booster.js'
import { modelText } from './support/model-text.js'

/** The prediction of a model whose raw scores are these. */
async function transformed(objective: string | undefined, ...scores: number[]): Promise<number[]> {
  const trees = scores.map((score) => ({ num_leaves: 1, leaf_value: String(score) }))
  const booster = await Booster.load(modelText(trees, { objective, num_class: String(scores.length) }))
  return [...booster.predict(Float64Array.of(0, 0))]
}

function near(
  t: { equal: (found: unknown, wanted: unknown, what: string) => boolean },
  found: readonly number[],
  expected: readonly number[],
  what: string,
): void {
  t.equal(found.length, expected.length, what)
  found.forEach((value, i) => t.equal(Math.abs(value - (expected[i] ?? NaN)) <= 4e-16 * Math.abs(value), true, `${what}: ${value}`))
}

t.test('objectives without a transform', async (t) => {
  for (const objective of [
    'regression',
    'regression_l1',
    'huber',
    'fair',
    'quantile',
    'mape',
    'lambdarank',
    'rank_xendcg',
    'custom',
    'none',
    'l2',
    'mae',
    undefined,
  ]) {
    t.strictSame(await transformed(objective, -2.5), [-2.5], objective ?? 'no objective')
  }
  t.strictSame(await transformed('huber sqrt', 3), [3], 'huber ignores sqrt')
})

t.test('sqrt: the signed square', async (t) => {
  for (const objective of ['regression sqrt', 'regression_l1 sqrt', 'quantile sqrt', 'fair sqrt']) {
    t.strictSame(await transformed(objective, -3), [-9], objective)
    t.strictSame(await transformed(objective, 3), [9], objective)
  }
})

t.test('exp: poisson, gamma, tweedie', async (t) => {
  for (const objective of ['poisson', 'gamma', 'tweedie']) near(t, await transformed(objective, 1.5), [Math.exp(1.5)], objective)
})

t.test('sigmoid with its parameter', async (t) => {
  near(t, await transformed('binary sigmoid:1', 0.3), [1 / (1 + Math.exp(-0.3))], 'binary')
  near(t, await transformed('binary sigmoid:2.5', 0.3), [1 / (1 + Math.exp(-2.5 * 0.3))], 'slope 2.5')
  near(t, await transformed('cross_entropy', 0.3), [1 / (1 + Math.exp(-0.3))], 'cross_entropy')
  near(t, await transformed('cross_entropy_lambda', 0.3), [Math.log1p(Math.exp(0.3))], 'cross_entropy_lambda')
})

t.test('classes: softmax, or one sigmoid each', async (t) => {
  const sum = Math.exp(-1) + Math.exp(-0.5) + 1
  near(t, await transformed('multiclass num_class:3', 0.5, 1, 1.5), [Math.exp(-1) / sum, Math.exp(-0.5) / sum, 1 / sum], 'softmax')
  near(t, await transformed('softmax num_class:2', 0, 0).catch(() => []), [], 'an alias counts only alone, as in LightGBM')
  near(
    t,
    await transformed('multiclassova num_class:2 sigmoid:1.7', 0.5, -1),
    [1 / (1 + Math.exp(-0.85)), 1 / (1 + Math.exp(1.7))],
    'one against all',
  )
})

t.test('extreme scores', async (t) => {
  t.strictSame(await transformed('poisson', 1000), [Infinity])
  t.strictSame(await transformed('poisson', -1000), [0])
  t.strictSame(await transformed('poisson', -745), [5e-324])
  t.strictSame(await transformed('binary sigmoid:1', 1e308), [1])
  t.strictSame(await transformed('binary sigmoid:1', -1e308), [0])
  t.strictSame(await transformed('multiclass num_class:2', -1e300, 1e300), [0, 1])
})

t.test('unknown objectives, and parameters that make no sense, are refused by name', async (t) => {
  for (const objective of [
    'regresion',
    'binary',
    'binary sigmoid:0',
    'binary sigmoid:x',
    'multiclass',
    'toString',
    '__proto__',
    'constructor',
  ]) {
    await t.rejects(transformed(objective, 1), { name: 'ModelFormatError', code: 'unknown-objective' }, objective)
  }
  await t.rejects(transformed('multiclass num_class:3', 1, 2), { name: 'ModelFormatError', code: 'wrong-count' })
})

t.test('the objective is as in the file', async (t) => {
  t.equal((await Booster.load(modelText([], { objective: 'binary sigmoid:1' }))).objective, 'binary sigmoid:1')
  t.equal((await Booster.load(modelText([], { objective: undefined }))).objective, '')
})
