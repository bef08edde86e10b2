import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { XgboostFormatError } from '../../../src/models/xgboost/format-error.js'
import { readXgboost } from '../../../src/models/xgboost/read-xgboost.js'
import { scoreXgboost } from '../../../src/models/xgboost/score-xgboost.js'

const read = (file: string) => gunzipSync(readFileSync(join(import.meta.dirname, '../../fixtures/xgboost/v3', file)))
const json = read('squared.json.gz').toString()
const refuse = (text: string, change: (model: Model) => void) => {
  const model = JSON.parse(text) as Model
  change(model)
  return Buffer.from(JSON.stringify(model))
}

interface Tree {
  left_children: number[]
  right_children: number[]
  split_indices: number[]
  split_conditions: (number | null)[]
  tree_param: Record<string, string>
}
interface Model {
  learner: {
    objective: { name: string }
    feature_names: string[]
    learner_model_param: Record<string, string>
    gradient_booster: { name: string; model: { trees: Tree[]; tree_info: number[] } }
  }
}

t.test('JSON and UBJSON of one model are the same model', (t) => {
  for (const name of ['squared', 'softprob', 'dart', 'categorical_partition']) {
    t.same(readXgboost(read(`${name}.ubj.gz`)), readXgboost(read(`${name}.json.gz`)), name)
  }
  t.end()
})

t.test('what cannot be scored is refused, in words', (t) => {
  const refusals: [string, RegExp, (model: Model) => void][] = [
    [
      'a linear booster',
      /booster gblinear is not supported.*export the model to ONNX/,
      ({ learner }) => (learner.gradient_booster.name = 'gblinear'),
    ],
    ['an unknown objective', /objective survival:aft is not supported/, ({ learner }) => (learner.objective.name = 'survival:aft')],
    ['several targets', /several targets/, ({ learner }) => (learner.learner_model_param.num_target = '2')],
    ['a cycle', /node 0: its children cannot be 0/, ({ learner }) => (learner.gradient_booster.model.trees[0]!.left_children[0] = 0)],
    [
      'a child that is not there',
      /cannot be 999999/,
      ({ learner }) => (learner.gradient_booster.model.trees[0]!.left_children[0] = 999_999),
    ],
    [
      'a feature that is not there',
      /there is no feature 8/,
      ({ learner }) => (learner.gradient_booster.model.trees[0]!.split_indices[0] = 8),
    ],
    [
      'a threshold that is no number',
      /no finite number/,
      ({ learner }) => (learner.gradient_booster.model.trees[0]!.split_conditions[0] = null),
    ],
    ['columns of unequal length', /entries for/, ({ learner }) => learner.gradient_booster.model.trees[0]!.right_children.pop()],
    [
      'leaves of several values',
      /several values/,
      ({ learner }) => (learner.gradient_booster.model.trees[0]!.tree_param.size_leaf_vector = '3'),
    ],
    ['an output that is not there', /tree_info names/, ({ learner }) => (learner.gradient_booster.model.tree_info[0] = 1)],
    ['too many classes', /num_class|classes/, ({ learner }) => (learner.learner_model_param.num_class = '999999')],
    ['names that do not fit', /feature_names has 1/, ({ learner }) => (learner.feature_names = ['a'])],
    ['a base score that is no number', /base_score/, ({ learner }) => (learner.learner_model_param.base_score = 'x')],
  ]
  for (const [name, message, change] of refusals) {
    t.throws(() => readXgboost(refuse(json, change)), { name: 'XgboostFormatError', message }, name)
  }
  for (const text of ['', '{', '{}', '[]', 'null', '{"learner": 1}', 'tree\nversion=v4'])
    t.throws(() => readXgboost(Buffer.from(text)), XgboostFormatError, JSON.stringify(text))
  t.end()
})

t.test('a damaged file is refused or scores: it never crashes and never hangs', (t) => {
  const files = [read('squared.json.gz'), read('categorical_partition.ubj.gz'), read('dart.ubj.gz')]
  const damage = fc.record({
    file: fc.constantFrom(...files),
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
    cut: fc.boolean(),
  })
  fc.assert(
    fc.property(damage, ({ file, at, bytes, cut }) => {
      const mutant = Buffer.from(file)
      const from = Math.floor(at * mutant.length)
      mutant.set(bytes.subarray(0, mutant.length - from), from)
      try {
        const model = readXgboost(cut ? mutant.subarray(0, from) : mutant)
        scoreXgboost(model, new Float64Array(model.nFeatures * 2).fill(0.5))
      } catch (error) {
        return error instanceof XgboostFormatError
      }
      return true
    }),
    { numRuns: 300 },
  )
  t.end()
})
