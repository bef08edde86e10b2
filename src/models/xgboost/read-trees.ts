import { list, numbers, object, whole } from './checked-values.js'
import { fail } from './format-error.js'

/** Every tree of a model, one node after another; children are numbered within all nodes. Values are float32. */
export interface XgboostTrees {
  /** First node of each tree, and the output that it adds to. */
  readonly roots: Int32Array
  readonly outputs: Int32Array
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

/**
 * The trees of a gbtree booster's `model`, each checked to be a tree: every walk ends in a leaf, every value is finite.
 * @throws XgboostFormatError
 */
export function readTrees(model: Record<string, unknown>, nFeatures: number, nOutputs: number): XgboostTrees {
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
