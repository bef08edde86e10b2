/** A tree as in the file, numeric splits only. */
export interface ContributionTree {
  readonly features: readonly number[]
  readonly left: readonly number[]
  readonly right: readonly number[]
  readonly nodeCounts: readonly number[]
  readonly leafCounts: readonly number[]
  readonly values: readonly number[]
  goesLeft(node: number, row: Float64Array): boolean
}

interface Element {
  feature: number
  zero: number
  one: number
  weight: number
}

/**
 * The judge of contributions: LightGBM's `Tree::PredictContrib` written down as it reads, recursion and copies and all.
 * Adds one tree to `sums`, [features + 1].
 */
export function addSlowContributions(tree: ContributionTree, row: Float64Array, sums: Float64Array): void {
  const add = (i: number, value: number): void => {
    sums[i] = (sums[i] ?? NaN) + value
  }
  const count = (node: number): number => at(node < 0 ? tree.leafCounts : tree.nodeCounts, node < 0 ? ~node : node)
  add(sums.length - 1, expected(tree))
  if (tree.values.length > 1) visit(0, [], 1, 1, -1)

  function visit(node: number, parentPath: readonly Element[], zero: number, one: number, feature: number): void {
    const path = parentPath.map((element) => ({ ...element }))
    extend(path, zero, one, feature)
    if (node < 0) {
      for (const element of path.slice(1))
        add(element.feature, unwoundSum(path, element) * (element.one - element.zero) * at(tree.values, ~node))
      return
    }
    const left = tree.goesLeft(node, row)
    const hot = at(left ? tree.left : tree.right, node)
    const cold = at(left ? tree.right : tree.left, node)
    const split = at(tree.features, node)
    const earlier = path.findIndex((element) => element.feature === split)
    const undone = path[earlier] ?? { zero: 1, one: 1 }
    const before = { zero: undone.zero, one: undone.one }
    if (earlier >= 0) unwind(path, earlier)
    visit(hot, path, (count(hot) / count(node)) * before.zero, before.one, split)
    visit(cold, path, (count(cold) / count(node)) * before.zero, 0, split)
  }
}

function expected(tree: ContributionTree): number {
  if (tree.values.length === 1) return at(tree.values, 0)
  return tree.values.reduce((sum, value, leaf) => sum + (at(tree.leafCounts, leaf) / at(tree.nodeCounts, 0)) * value, 0)
}

function extend(path: Element[], zero: number, one: number, feature: number): void {
  const depth = path.length
  path.push({ feature, zero, one, weight: depth === 0 ? 1 : 0 })
  for (let i = depth - 1; i >= 0; i--) {
    const element = at(path, i)
    at(path, i + 1).weight += (one * element.weight * (i + 1)) / (depth + 1)
    element.weight = (zero * element.weight * (depth - i)) / (depth + 1)
  }
}

function unwind(path: Element[], index: number): void {
  const depth = path.length - 1
  const { zero, one } = at(path, index)
  let next = at(path, depth).weight
  for (let i = depth - 1; i >= 0; i--) {
    const element = at(path, i)
    if (one !== 0) {
      const before = element.weight
      element.weight = (next * (depth + 1)) / ((i + 1) * one)
      next = before - (element.weight * zero * (depth - i)) / (depth + 1)
    } else {
      element.weight = (element.weight * (depth + 1)) / (zero * (depth - i))
    }
  }
  // The weights stay where they are; the other three move up.
  for (let i = index; i < depth; i++) Object.assign(at(path, i), { ...at(path, i + 1), weight: at(path, i).weight })
  path.pop()
}

function unwoundSum(path: readonly Element[], { zero, one }: Element): number {
  const depth = path.length - 1
  let next = at(path, depth).weight
  let total = 0
  for (let i = depth - 1; i >= 0; i--) {
    const { weight } = at(path, i)
    const ratio = (depth - i) / (depth + 1)
    if (one !== 0) {
      const unwound = (next * (depth + 1)) / ((i + 1) * one)
      total += unwound
      next = weight - unwound * zero * ratio
    } else {
      total += weight / zero / ratio
    }
  }
  return total
}

function at<T>(values: readonly T[], i: number): T {
  const value = values[i]
  if (value === undefined) throw new Error(`no element ${i}`)
  return value
}
