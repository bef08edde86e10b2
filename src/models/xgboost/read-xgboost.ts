import { list, numbers, object, text, whole } from './checked-values.js'
import { fail } from './format-error.js'
import { parseDocument } from './parse-document.js'
import { readTrees, type XgboostTrees } from './read-trees.js'

/** A model that can be scored. All values are float32. */
export interface XgboostModel extends XgboostTrees {
  readonly featureNames: readonly string[]
  readonly nFeatures: number
  /** Outputs per row: 1, or the number of classes. */
  readonly nOutputs: number
  readonly objective: string
  /** The margin that every output starts from, one per output. */
  readonly baseMargin: Float32Array
  /** The factor that dart gives each tree (1 otherwise). */
  readonly factors: Float32Array
}

const supported = Object.entries({
  reg: ['squarederror', 'squaredlogerror', 'absoluteerror', 'pseudohubererror', 'quantileerror', 'logistic', 'gamma', 'tweedie', 'linear'],
  binary: ['logistic', 'logitraw', 'hinge'],
  multi: ['softprob', 'softmax'],
  count: ['poisson'],
  rank: ['ndcg', 'map', 'pairwise'],
}).flatMap(([task, names]) => names.map((name) => `${task}:${name}`))

/**
 * Reads a model that XGBoost saved as JSON or UBJSON (`save_model`): boosters gbtree and dart, one value per leaf.
 * @throws XgboostFormatError
 */
export function readXgboost(bytes: Uint8Array): XgboostModel {
  const learner = object(object(parseDocument(bytes), 'the file').learner, 'learner')
  const { objective, gradient_booster: booster, learner_model_param: parameters } = learner
  const name = text(object(objective, 'objective').name, 'objective.name')
  if (!supported.includes(name)) fail(`the objective ${name} is not supported; export the model to ONNX`)
  const { model, factors } = boosterOf(object(booster, 'gradient_booster'))
  const { num_feature, num_class, num_target, base_score } = object(parameters, 'learner_model_param')
  if (whole(num_target ?? '1', 'num_target') > 1) fail('models of several targets are not supported; export the model to ONNX')
  const nFeatures = whole(num_feature, 'num_feature')
  const nOutputs = Math.max(1, whole(num_class ?? '0', 'num_class'))
  if (nOutputs > 1000) fail(`${nOutputs} classes`)
  const names =
    learner.feature_names === undefined ? [] : list(learner.feature_names, 'feature_names').map((each) => text(each, 'feature_names'))
  if (names.length !== 0 && names.length !== nFeatures) fail(`feature_names has ${names.length} names, num_feature says ${nFeatures}`)
  const trees = readTrees(model, nFeatures, nOutputs)
  if (factors !== undefined && factors.length !== trees.roots.length) fail('weight_drop does not fit the trees')
  return {
    ...trees,
    featureNames: names.length === 0 ? Array.from({ length: nFeatures }, (_, i) => `f${i}`) : names,
    nFeatures,
    nOutputs,
    objective: name,
    baseMargin: baseMargins(base_score, name, nOutputs),
    factors: factors ?? new Float32Array(trees.roots.length).fill(1),
  }
}

function boosterOf(booster: Record<string, unknown>): { model: Record<string, unknown>; factors?: Float32Array } {
  switch (booster.name) {
    case 'gbtree':
      return { model: object(booster.model, 'gradient_booster.model') }
    case 'dart': {
      const inner = object(booster.gbtree, 'gradient_booster.gbtree')
      return {
        model: object(inner.model, 'gradient_booster.gbtree.model'),
        factors: Float32Array.from(numbers(booster.weight_drop, 'weight_drop')),
      }
    }
    default:
      return fail(`the booster ${String(booster.name).slice(0, 40)} is not supported; gbtree and dart are; export the model to ONNX`)
  }
}

/** Written as text: one number, or since 3.0 a list with one per output. Probabilities and means are turned into margins, in float32. */
function baseMargins(baseScore: unknown, objective: string, nOutputs: number): Float32Array {
  const written = text(baseScore, 'base_score')
  const values = (written.startsWith('[') ? written.slice(1, -1).split(',') : [written]).map(Number)
  if ((values.length !== 1 && values.length !== nOutputs) || !values.every(Number.isFinite)) fail(`base_score is ${written.slice(0, 60)}`)
  return Float32Array.from({ length: nOutputs }, (_, output) => toMargin(Math.fround(values[values.length === 1 ? 0 : output]!), objective))
}

function toMargin(score: number, objective: string): number {
  switch (objective) {
    case 'reg:logistic':
    case 'binary:logistic':
      return Math.fround(-Math.fround(Math.log(Math.fround(Math.fround(1 / score) - 1))))
    case 'count:poisson':
    case 'reg:gamma':
    case 'reg:tweedie':
      return Math.fround(Math.log(score))
    default:
      return score
  }
}
