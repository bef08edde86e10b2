/** The fields of a tree. The numbers are known to src/complaint.ts by their order. */
export const enum Field {
  None,
  NumLeaves,
  NumCat,
  SplitFeature,
  SplitGain,
  Threshold,
  DecisionType,
  LeftChild,
  RightChild,
  LeafValue,
  LeafCount,
  InternalCount,
  CatBoundaries,
  CatThreshold,
  IsLinear,
  LeafConst,
  NumFeatures,
  LeafFeatures,
  LeafCoeff,
}

/** The field of that name; None for every other name: such lines are skipped (leaf_weight, internal_value, shrinkage, …). */
export function fieldNamed(name: usize, length: usize): Field {
  switch (<i32>length) {
    case 7:
      return is(name, 'num_cat') ? Field.NumCat : Field.None
    case 9:
      if (is(name, 'threshold')) return Field.Threshold
      return is(name, 'is_linear') ? Field.IsLinear : Field.None
    case 10:
      if (is(name, 'leaf_value')) return Field.LeafValue
      if (is(name, 'leaf_count')) return Field.LeafCount
      if (is(name, 'left_child')) return Field.LeftChild
      if (is(name, 'split_gain')) return Field.SplitGain
      if (is(name, 'num_leaves')) return Field.NumLeaves
      if (is(name, 'leaf_const')) return Field.LeafConst
      return is(name, 'leaf_coeff') ? Field.LeafCoeff : Field.None
    case 11:
      return is(name, 'right_child') ? Field.RightChild : Field.None
    case 12:
      return is(name, 'num_features') ? Field.NumFeatures : Field.None
    case 13:
      if (is(name, 'split_feature')) return Field.SplitFeature
      if (is(name, 'decision_type')) return Field.DecisionType
      if (is(name, 'cat_threshold')) return Field.CatThreshold
      return is(name, 'leaf_features') ? Field.LeafFeatures : Field.None
    case 14:
      if (is(name, 'internal_count')) return Field.InternalCount
      return is(name, 'cat_boundaries') ? Field.CatBoundaries : Field.None
    default:
      return Field.None
  }
}

function is(name: usize, expected: string): bool {
  for (let i = 0; i < expected.length; i++) {
    if (<i32>load<u8>(name + i) != expected.charCodeAt(i)) return false
  }
  return true
}
