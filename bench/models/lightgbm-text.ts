import { createNormal, createRandom } from './random.js'

export interface TreesOptions {
  readonly names: readonly string[]
  readonly nTrees: number
  readonly nLeaves: number
  readonly seed: number
  /** A value at which a split of this feature can lie. */
  readonly threshold: (feature: number) => number
}

/** A model as LightGBM writes it, and what it is worth, found by walking the trees plainly: the bits of LightGBM. */
export interface WrittenTrees {
  readonly text: string
  readonly score: (row: Float64Array) => number
}

/** Writes a regression model of any size: trees grown leaf by leaf at random, NaN taken as 0 as in training data without missing values. */
export function writeTrees({ names, nTrees, nLeaves, seed, threshold }: TreesOptions): WrittenTrees {
  const random = createRandom(seed)
  const normal = createNormal(random)
  const trees = Array.from({ length: nTrees }, () => growTree(nLeaves))
  const blocks = trees.map(textOf)
  const head = [
    'tree',
    'version=v4',
    'num_class=1',
    'num_tree_per_iteration=1',
    'label_index=0',
    `max_feature_idx=${names.length - 1}`,
    'objective=regression',
    `feature_names=${names.join(' ')}`,
    `feature_infos=${names.map(() => '[-1e+300:1e+300]').join(' ')}`,
    `tree_sizes=${blocks.map(({ length }) => length).join(' ')}`,
    '',
    '',
  ].join('\n')
  const text = `${head}${blocks.join('')}end of trees\n\nfeature_importances:\n\nparameters:\n[boosting: gbdt]\n\nend of parameters\n\npandas_categorical:null\n`
  return { text, score: (row) => trees.reduce((sum, tree) => sum + leafOf(tree, row), 0) }

  function growTree(leaves: number): Tree {
    const tree: Tree = { feature: [], threshold: [], left: [], right: [], value: [] }
    /** Where each leaf hangs: its node and side. */
    const places: { node: number; side: 'left' | 'right' }[] = []
    for (let node = 0; node < leaves - 1; node++) {
      const leaf = node === 0 ? 0 : Math.floor(random() * (node + 1))
      const place = places[leaf]
      if (place !== undefined) tree[place.side][place.node] = node
      const feature = Math.floor(random() * names.length)
      tree.feature.push(feature)
      tree.threshold.push(threshold(feature))
      tree.left.push(~leaf)
      tree.right.push(~(node + 1))
      places[leaf] = { node, side: 'left' }
      places[node + 1] = { node, side: 'right' }
    }
    for (let leaf = 0; leaf < leaves; leaf++) tree.value.push(normal() * 1e-4)
    return tree
  }
}

interface Tree {
  readonly feature: number[]
  readonly threshold: number[]
  /** A node, or ~leaf. */
  readonly left: number[]
  readonly right: number[]
  readonly value: number[]
}

function textOf(tree: Tree, nth: number): string {
  const nodes = tree.feature.length
  const each = (value: number, count: number) => new Array<number>(count).fill(value).join(' ')
  return `${[
    `Tree=${nth}`,
    `num_leaves=${nodes + 1}`,
    'num_cat=0',
    `split_feature=${tree.feature.join(' ')}`,
    `split_gain=${each(1, nodes)}`,
    `threshold=${tree.threshold.join(' ')}`,
    `decision_type=${each(2, nodes)}`,
    `left_child=${tree.left.join(' ')}`,
    `right_child=${tree.right.join(' ')}`,
    `leaf_value=${tree.value.join(' ')}`,
    `leaf_weight=${each(20, nodes + 1)}`,
    `leaf_count=${each(20, nodes + 1)}`,
    `internal_value=${each(0, nodes)}`,
    `internal_weight=${each(40, nodes)}`,
    `internal_count=${each(40, nodes)}`,
    'is_linear=0',
    'shrinkage=0.05',
  ].join('\n')}\n\n\n`
}

function leafOf({ feature, threshold, left, right, value }: Tree, row: Float64Array): number {
  let node = 0
  while (node >= 0) {
    const cell = row[feature[node]!]!
    node = (Number.isNaN(cell) ? 0 : cell) <= threshold[node]! ? left[node]! : right[node]!
  }
  return value[~node]!
}
