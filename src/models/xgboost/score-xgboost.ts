import { expFloat32 } from './exp-float32.js'
import type { XgboostModel } from './read-xgboost.js'

/**
 * Margins of rows, as XGBoost's CPU predictor adds them: everything in float32, from the base margin on, tree after tree. Values are rounded to float32
 * first; a missing value (NaN) goes the node's default way, `x < value` goes left, a category that is listed goes right, one that is not
 * (below 0 or too large ones included) left.
 * @param rows row-major [nRows × nFeatures], float64, missing = NaN
 * @returns row-major [nRows × nOutputs]
 */
export function scoreXgboost(model: XgboostModel, rows: Float64Array): Float32Array {
  const { nFeatures, nOutputs, baseMargin, roots, outputs, factors, feature, value, left, right, defaultLeft, categories } = model
  const nRows = rows.length / nFeatures
  const margins = new Float32Array(nRows * nOutputs)
  const row = new Float32Array(nFeatures)
  for (let r = 0; r < nRows; r++) {
    for (let k = 0; k < nFeatures; k++) row[k] = rows[r * nFeatures + k]!
    const from = r * nOutputs
    for (let k = 0; k < nOutputs; k++) margins[from + k] = baseMargin[k]!
    for (let tree = 0; tree < roots.length; tree++) {
      let node = roots[tree]!
      for (let index = feature[node]!; index !== -1; index = feature[node]!) {
        const x = row[index]!
        const goesLeft = Number.isNaN(x)
          ? defaultLeft[node] === 1
          : categories.size > 0 && categories.has(node)
            ? !isListed(node, x)
            : x < value[node]!
        node = goesLeft ? left[node]! : right[node]!
      }
      const output = from + outputs[tree]!
      margins[output] = margins[output]! + Math.fround(value[node]! * factors[tree]!)
    }
  }
  return margins

  function isListed(node: number, x: number): boolean {
    return x >= 0 && categories.get(node)!.has(Math.trunc(x))
  }
}

/** Predictions from margins, in float32: the transform of the model's objective. `multi:softmax` gives one class per row. */
export function transformMargins({ objective, nOutputs }: XgboostModel, margins: Float32Array): Float32Array {
  switch (objective) {
    case 'reg:logistic':
    case 'binary:logistic':
      return margins.map(sigmoid)
    case 'count:poisson':
    case 'reg:gamma':
    case 'reg:tweedie':
      return margins.map(expFloat32)
    case 'binary:hinge':
      return margins.map((margin) => (margin > 0 ? 1 : 0))
    case 'multi:softprob':
      return softmax(margins, nOutputs)
    case 'multi:softmax':
      return largest(margins, nOutputs)
    default:
      return margins.slice()
  }
}

/** 1/(e^−x + 1 + 1e-16), every step in float32. */
function sigmoid(margin: number): number {
  const e = expFloat32(Math.min(-margin, Math.fround(88.7)))
  return 1 / Math.fround(Math.fround(e + 1) + Math.fround(1e-16))
}

/** Each minus the largest, its power of e in float32, over their sum (added in float64, rounded once). */
function softmax(margins: Float32Array, nOutputs: number): Float32Array {
  const out = new Float32Array(margins.length)
  for (let from = 0; from < margins.length; from += nOutputs) {
    let most = margins[from]!
    for (let k = 1; k < nOutputs; k++) most = Math.max(most, margins[from + k]!)
    let sum = 0
    for (let k = 0; k < nOutputs; k++) {
      out[from + k] = expFloat32(Math.fround(margins[from + k]! - most))
      sum += out[from + k]!
    }
    const divisor = Math.fround(sum)
    for (let k = 0; k < nOutputs; k++) out[from + k] = out[from + k]! / divisor
  }
  return out
}

function largest(margins: Float32Array, nOutputs: number): Float32Array {
  return Float32Array.from({ length: margins.length / nOutputs }, (_, row) => {
    let best = 0
    for (let k = 1; k < nOutputs; k++) if (margins[row * nOutputs + k]! > margins[row * nOutputs + best]!) best = k
    return best
  })
}
