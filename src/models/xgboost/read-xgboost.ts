import { nestsDeeper } from '../nests-deeper.js'
import { parseUbjson, UbjsonError } from './parse-ubjson.js'

/** A file that is no XGBoost model that can be scored; the message says what is wrong and where. */
export class XgboostFormatError extends Error {
  override readonly name = 'XgboostFormatError'
}

/** Every tree of a model, one node after another; children are numbered within all nodes. All values are float32. */
export interface XgboostModel {
  readonly featureNames: readonly string[]
  readonly nFeatures: number
  /** Outputs per row: 1, or the number of classes. */
  readonly nOutputs: number
  readonly objective: string
  /** The margin that every output starts from, one per output. */
  readonly baseMargin: Float32Array
  /** First node of each tree, the output that it adds to, and the factor that dart gives it (1 otherwise). */
  readonly roots: Int32Array
  readonly outputs: Int32Array
  readonly factors: Float32Array
  /** Per node: feature, or −1 for a leaf. */
  readonly feature: Int32Array
  /** Per node: the value that is compared with, or the leaf's. */
  readonly value: Float32Array
  readonly left: Int32Array
  readonly right: Int32Array
  readonly defaultLeft: Uint8Array
  /** Per node: the categories that go right, undefined for a numeric split. */
  readonly categories: ReadonlyMap<number, ReadonlySet<number>>
}

const mostNodes = 50_000_000
const mostJsonBytes = 2 ** 26
const mostLevels = 64
const supported = [
  ...[
    'reg:squarederror',
    'reg:squaredlogerror',
    'reg:absoluteerror',
    'reg:pseudohubererror',
    'reg:quantileerror',
    'reg:logistic',
    'reg:gamma',
  ],
  ...[
    'reg:tweedie',
    'reg:linear',
    'binary:logistic',
    'binary:logitraw',
    'binary:hinge',
    'multi:softprob',
    'multi:softmax',
    'count:poisson',
  ],
  ...['rank:ndcg', 'rank:map', 'rank:pairwise'],
]

/**
 * Reads a model that XGBoost saved as JSON or UBJSON (`save_model`): boosters gbtree and dart, one value per leaf.
 * @throws XgboostFormatError
 */
export function readXgboost(bytes: Uint8Array): XgboostModel {
  const learner = object(object(parse(bytes), 'the file').learner, 'learner')
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

function parse(bytes: Uint8Array): unknown {
  // UBJSON objects begin with { and a length or a count, JSON's with { and blanks or ".
  const isJson = /^\uFEFF?\s*\{\s*["}]/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 64)))
  // JSON is held as text and as objects at once, some ten times its size; UBJSON is not.
  if (isJson && bytes.length > mostJsonBytes)
    fail(`${bytes.length} bytes of JSON, at most ${mostJsonBytes} are read; save the model as UBJSON: save_model("model.ubj")`)
  if (isJson && nestsDeeper(bytes, mostLevels)) fail(`not a model: more than ${mostLevels} levels`)
  try {
    return isJson ? parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) : parseUbjson(bytes)
  } catch (error) {
    if (error instanceof UbjsonError) fail(`neither JSON nor UBJSON: ${error.message}`)
    return fail(`not JSON: ${(error as Error).message}`)
  }
}

/** JSON as XGBoost writes it: version 2 leaves bare NaN in statistics that scoring does not read. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const mended = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|nan|Infinity|inf)\b/g, (token) => (token.startsWith('"') ? token : 'null'))
    if (mended === text) throw error
    return JSON.parse(mended)
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
      return fail(`the booster ${String(booster.name).slice(0, 40)} is not supported; gbtree and dart are`)
  }
}

function readTrees(model: Record<string, unknown>, nFeatures: number, nOutputs: number) {
  const trees = list(model.trees, 'trees').map((tree, k) => object(tree, `tree ${k}`))
  const outputs = Int32Array.from(numbers(model.tree_info, 'tree_info'))
  if (outputs.length !== trees.length) fail(`tree_info has ${outputs.length} entries for ${trees.length} trees`)
  if (outputs.some((output) => output < 0 || output >= nOutputs)) fail('tree_info names an output that there is not')
  const sizes = trees.map((tree, k) => numbers(tree.left_children, `tree ${k}: left_children`).length)
  const nNodes = sizes.reduce((sum, size) => sum + size, 0)
  if (nNodes > mostNodes) fail(`${nNodes} nodes, at most ${mostNodes} are read`)
  const feature = new Int32Array(nNodes)
  const value = new Float32Array(nNodes)
  const left = new Int32Array(nNodes)
  const right = new Int32Array(nNodes)
  const defaultLeft = new Uint8Array(nNodes)
  const categories = new Map<number, ReadonlySet<number>>()
  const roots = new Int32Array(trees.length)
  let from = 0
  trees.forEach((tree, k) => {
    roots[k] = from
    readTree(tree, k, sizes[k]!, from)
    from += sizes[k]!
  })
  return { roots, outputs, feature, value, left, right, defaultLeft, categories }

  function readTree(tree: Record<string, unknown>, k: number, size: number, first: number): void {
    const column = (name: string) => {
      const values = numbers(tree[name], `tree ${k}: ${name}`)
      if (values.length !== size) fail(`tree ${k}: ${name} has ${values.length} entries for ${size} nodes`)
      return values
    }
    if (size === 0) fail(`tree ${k} has no node`)
    const { size_leaf_vector } = object(tree.tree_param ?? {}, `tree ${k}: tree_param`)
    if (whole(size_leaf_vector ?? '0', 'size_leaf_vector') > 1) fail(`tree ${k}: leaves of several values are not supported`)
    const [lefts, rights, conditions, indices, defaults] = [
      column('left_children'),
      column('right_children'),
      column('split_conditions'),
      column('split_indices'),
      column('default_left'),
    ]
    const types = tree.split_type === undefined ? undefined : column('split_type')
    for (let node = 0; node < size; node++) {
      const at = first + node
      // A split on categories has no value; version 2 writes NaN there.
      const isCategorical = lefts[node] !== -1 && types?.[node] === 1
      value[at] = isCategorical ? 0 : (conditions[node] ?? Number.NaN)
      if (!Number.isFinite(value[at])) fail(`tree ${k}, node ${node}: a value that is no finite number`)
      const [l, r] = [lefts[node]!, rights[node]!]
      if (l === -1) {
        feature[at] = -1
        continue
      }
      // Children come after their parent, so every walk ends.
      if (!(l > node && l < size && r > node && r < size) || !Number.isInteger(l) || !Number.isInteger(r))
        fail(`tree ${k}, node ${node}: its children cannot be ${l} and ${r}`)
      const index = indices[node]!
      if (!Number.isInteger(index) || index < 0 || index >= nFeatures) fail(`tree ${k}, node ${node}: there is no feature ${index}`)
      feature[at] = index
      left[at] = first + l
      right[at] = first + r
      defaultLeft[at] = defaults[node] ? 1 : 0
    }
    if (types?.some((type) => type === 1)) readCategories(tree, k, size, first, types)
  }

  function readCategories(tree: Record<string, unknown>, k: number, size: number, first: number, types: ArrayLike<number>): void {
    const of = (name: string) => numbers(tree[name], `tree ${k}: ${name}`)
    const [all, nodes, segments, counts] = [of('categories'), of('categories_nodes'), of('categories_segments'), of('categories_sizes')]
    if (segments.length !== nodes.length || counts.length !== nodes.length) fail(`tree ${k}: the categories do not fit`)
    for (let i = 0; i < nodes.length; i++) {
      const [node, start, count] = [nodes[i]!, segments[i]!, counts[i]!]
      if (!(node >= 0 && node < size && start >= 0 && count >= 0 && start + count <= all.length))
        fail(`tree ${k}: the categories of node ${node} do not fit`)
      categories.set(first + node, new Set(Array.prototype.slice.call(all, start, start + count) as number[]))
    }
    for (let node = 0; node < size; node++) {
      if (types[node] === 1 && feature[first + node] !== -1 && !categories.has(first + node))
        fail(`tree ${k}, node ${node} splits on categories, but names none`)
    }
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

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(`${what} is no object`)
  return value as Record<string, unknown>
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) fail(`${what} is no list`)
  return value as readonly unknown[]
}

function numbers(value: unknown, what: string): ArrayLike<number> & Iterable<number> & { some(test: (value: number) => boolean): boolean } {
  if (value instanceof Float32Array || value instanceof Float64Array || value instanceof Int32Array) return value
  const values = list(value, what)
  for (const each of values)
    if (typeof each !== 'number' && typeof each !== 'boolean' && each !== null) fail(`${what} holds something else than numbers`)
  return values as number[]
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string' || value.length > 100_000) fail(`${what} is no text`)
  return value
}

function whole(value: unknown, what: string): number {
  const n = Number(text(value, what))
  if (!Number.isInteger(n) || n < 0 || n > 1_000_000) fail(`${what} is ${String(value).slice(0, 40)}`)
  return n
}

function fail(why: string): never {
  throw new XgboostFormatError(why)
}
