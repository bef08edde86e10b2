/** Fields of a tree as they stand in the file; num_cat=0 and shrinkage=1 are added. */
export type TreeText = Readonly<Record<string, string | number>>

/** A LightGBM text model, written by hand. `header` overrides lines; undefined leaves one out. */
export function modelText(trees: readonly TreeText[], header: Readonly<Record<string, string | undefined>> = {}, after = ''): string {
  const features = Number(header['max_feature_idx'] ?? 1) + 1
  const lines: Record<string, string | undefined> = {
    version: 'v4',
    num_class: '1',
    num_tree_per_iteration: header['num_class'] ?? '1',
    label_index: '0',
    max_feature_idx: '1',
    objective: 'regression',
    feature_names: header['feature_names'] ?? Array.from({ length: features }, (_, i) => `Column_${i}`).join(' '),
    feature_infos: header['feature_infos'] ?? Array.from({ length: features }, () => '[-1:1]').join(' '),
    ...header,
  }
  const head = Object.entries(lines).flatMap(([key, value]) => (value === undefined ? [] : value === '' ? [key] : [`${key}=${value}`]))
  const blocks = trees.map((tree, i) => {
    const fields: TreeText = { num_leaves: 2, num_cat: 0, ...tree, shrinkage: 1 }
    return [`Tree=${i}`, ...Object.entries(fields).map(([key, value]) => `${key}=${value}`), '', ''].join('\n')
  })
  return `tree\n${head.join('\n')}\n\n${blocks.join('\n')}\nend of trees\n${after}`
}

/** A tree of one split on feature 0: left gives 1, right gives 2. */
export function stump(threshold: string | number, decision: number, more: TreeText = {}): TreeText {
  return {
    split_feature: 0,
    split_gain: 1,
    threshold,
    decision_type: decision,
    left_child: -1,
    right_child: -2,
    leaf_value: '1 2',
    leaf_count: '10 30',
    internal_count: 40,
    ...more,
  }
}
