import { allocate } from './arena'
import { has, numberAt, numbersOf, numLeaves } from './draft'
import { Field } from './field'
import { Complaint, fail } from './host'

/**
 * The linear models of the drafted tree's leaves, by leaf index: per leaf f64 constant, u32 address of its terms, u32 their number;
 * then the terms: u32 feature · 8, u32 spare, f64 coefficient.
 */
export function linearModels(): usize {
  const leaves = <usize>numLeaves
  const withTerms = has(Field.NumFeatures)
  let terms: usize = 0
  if (withTerms) {
    for (let leaf: u32 = 0; leaf < numLeaves; leaf++) terms += <usize>numberAt(Field.NumFeatures, leaf)
    if (terms > 0 && !has(Field.LeafFeatures)) fail(Complaint.MissingField, Field.LeafFeatures)
    if (terms > 0 && !has(Field.LeafCoeff)) fail(Complaint.MissingField, Field.LeafCoeff)
  }
  const models = allocate((leaves + terms) << 4)
  let term = models + (leaves << 4)
  let i: u32 = 0
  for (let leaf: u32 = 0; leaf < numLeaves; leaf++) {
    const model = models + ((<usize>leaf) << 4)
    const count: u32 = withTerms ? numberAt(Field.NumFeatures, leaf) : 0
    store<f64>(model, has(Field.LeafConst) ? load<f64>(numbersOf(Field.LeafConst) + ((<usize>leaf) << 3)) : 0)
    store<u32>(model, <u32>term, 8)
    store<u32>(model, count, 12)
    for (let k: u32 = 0; k < count; k++) {
      store<u32>(term, numberAt(Field.LeafFeatures, i) << 3)
      store<f64>(term, load<f64>(numbersOf(Field.LeafCoeff) + ((<usize>i) << 3)), 8)
      term += 16
      i++
    }
  }
  return models
}
