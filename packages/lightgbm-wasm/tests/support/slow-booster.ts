const ZERO_THRESHOLD = Math.fround(1e-35)

interface Tree {
  readonly features: number[]
  readonly thresholds: number[]
  readonly decisions: number[]
  readonly left: number[]
  readonly right: number[]
  readonly values: number[]
  readonly boundaries: number[]
  readonly words: number[]
  readonly linear: boolean
  readonly constants: number[]
  readonly terms: { feature: number; coefficient: number }[][]
}

/**
 * The judge of the fast paths: LightGBM's `Tree::Predict` written down as it reads, one row, one tree, one node at a time,
 * for well-formed models.
 */
export function slowBooster(model: string): { leaves(row: Float64Array): number[]; raw(row: Float64Array): number[] } {
  const [head = '', ...blocks] = (model.replaceAll('\r\n', '\n').split(/^end of trees/m)[0] ?? '').split(/^Tree=.*\n/m)
  // Of a name that stands there twice, the last one counts.
  const last = (name: string) => [...head.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].at(-1)?.[1]
  const perIteration = Number(last('num_tree_per_iteration') ?? last('num_class'))
  // A blank line ends a tree, and whatever then is no tree ends them all.
  const lastTree = blocks.findIndex((block) => /\n\n\s*\S/.test(block))
  const trees = blocks.slice(0, lastTree < 0 ? blocks.length : lastTree + 1).map((block) => parseTree(block.split('\n\n')[0] ?? ''))
  return {
    leaves: (row) => trees.map((tree) => leafOf(tree, flushed(row))),
    raw(row) {
      const sums = new Array<number>(perIteration).fill(0)
      trees.forEach((tree, i) => {
        sums[i % perIteration] = (sums[i % perIteration] ?? 0) + outputOf(tree, flushed(row))
      })
      return sums
    },
  }
}

function parseTree(block: string): Tree {
  const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
  const numbers = (key: string): number[] =>
    (fields.get(key) ?? '')
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => Number(word.replace(/^([+-]?)inf(inity)?$/i, '$1Infinity')))
  const terms: Tree['terms'] = []
  const features = numbers('leaf_features')
  const coefficients = numbers('leaf_coeff')
  let at = 0
  for (const count of numbers('num_features')) {
    terms.push(features.slice(at, at + count).map((feature, i) => ({ feature, coefficient: coefficients[at + i] ?? NaN })))
    at += count
  }
  return {
    features: numbers('split_feature'),
    thresholds: numbers('threshold'),
    decisions: numbers('decision_type'),
    left: numbers('left_child'),
    right: numbers('right_child'),
    values: numbers('leaf_value'),
    boundaries: numbers('cat_boundaries'),
    words: numbers('cat_threshold'),
    linear: fields.get('is_linear') === '1',
    constants: numbers('leaf_const'),
    terms,
  }
}

/** LightGBM's dense C API drops values that count as zero. */
function flushed(row: Float64Array): Float64Array {
  return row.map((x) => (Math.abs(x) <= ZERO_THRESHOLD ? 0 : x))
}

function leafOf(tree: Tree, row: Float64Array): number {
  if (tree.values.length === 1) return 0
  let node = 0
  while (node >= 0) {
    const x = row[tree.features[node] ?? 0] ?? NaN
    const decision = tree.decisions[node] ?? 0
    const left = (decision & 1) === 1 ? categoryGoesLeft(tree, node, x) : numberGoesLeft(tree, node, x, decision)
    // A missing child ends the walk at no leaf.
    node = (left ? tree.left[node] : tree.right[node]) ?? NaN
  }
  return ~node
}

function numberGoesLeft(tree: Tree, node: number, x: number, decision: number): boolean {
  const missing = (decision >> 2) & 3
  if (Number.isNaN(x) && missing !== 2) x = 0
  const isMissing = (missing === 1 && Math.abs(x) <= ZERO_THRESHOLD) || (missing === 2 && Number.isNaN(x))
  return isMissing ? (decision & 2) !== 0 : x <= (tree.thresholds[node] ?? NaN)
}

function categoryGoesLeft(tree: Tree, node: number, x: number): boolean {
  const category = Math.trunc(x)
  if (!(category >= 0 && category < 2 ** 31)) return false
  const set = Math.trunc(tree.thresholds[node] ?? 0)
  const first = tree.boundaries[set] ?? 0
  const word = Math.floor(category / 32)
  if (word >= (tree.boundaries[set + 1] ?? 0) - first) return false
  return (((tree.words[first + word] ?? 0) >>> (category % 32)) & 1) === 1
}

function outputOf(tree: Tree, row: Float64Array): number {
  const leaf = leafOf(tree, row)
  const value = tree.values[leaf] ?? NaN
  if (!tree.linear) return value
  let output = tree.constants[leaf] ?? 0
  for (const { feature, coefficient } of tree.terms[leaf] ?? []) {
    const x = row[feature] ?? NaN
    if (Number.isNaN(x)) return value
    output += coefficient * x
  }
  return output
}
