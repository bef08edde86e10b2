import type { Settleable } from '../store/outcome-store.js'
import type { Rule } from './rule.js'

/** How a prediction compares with what came true. */
export interface Judged {
  readonly realised: number
  readonly error: number | null
  readonly hit: boolean | null
  readonly covered: boolean | null
  readonly realisedClass: number | null
  /** Side of a position that follows the prediction: 1 long, −1 short, 0 none. */
  readonly direction: -1 | 0 | 1
}

/**
 * The log return is ln C[t+h] − ln C[t], as the targets that such models are trained on are computed; ln(C[t+h] / C[t]) is the same number but for
 * the last bits. A prediction that is not finite says nothing: the realised value is kept, and everything that compares is null.
 * @param entryClose C[t] > 0
 * @param exitClose C[t+h] > 0
 */
export function judge(prediction: Settleable, rule: Rule, entryClose: number, exitClose: number): Judged {
  const { yPred, thresholds } = prediction
  const realised = rule.isSimpleReturn ? exitClose / entryClose - 1 : Math.log(exitClose) - Math.log(entryClose)
  const y = yPred[0] ?? Number.NaN
  const none = { realised, error: null, hit: null, covered: null, realisedClass: null, direction: 0 } as const
  switch (rule.kind) {
    case 'return':
      if (!Number.isFinite(y)) return none
      return { ...none, error: y - realised, hit: Math.sign(y) === Math.sign(realised), direction: sideOf(y) }
    case 'quantile':
      return Number.isFinite(y) ? { ...none, error: y - realised, covered: realised <= y } : none
    case 'probability':
      if (!Number.isFinite(y)) return none
      return { ...none, hit: y === 0.5 || realised === 0 ? null : y > 0.5 === realised > 0, direction: sideOf(y - 0.5) }
    case 'classes': {
      const realisedClass = classOf(realised, thresholds)
      if (!yPred.every(Number.isFinite)) return { ...none, realisedClass }
      const predicted = mostProbable(yPred)
      return { ...none, realisedClass, hit: predicted === realisedClass, direction: sideOfClass(predicted, thresholds) }
    }
  }
}

/** Class k ⇔ thresholds[k−1] ≤ r < thresholds[k]. */
export function classOf(realised: number, thresholds: Float64Array): number {
  let k = 0
  while (k < thresholds.length && realised >= thresholds[k]!) k++
  return k
}

/** The first of the most probable classes. */
export function mostProbable(probabilities: Float64Array): number {
  let best = 0
  for (let k = 1; k < probabilities.length; k++) if (probabilities[k]! > probabilities[best]!) best = k
  return best
}

function sideOf(value: number): -1 | 0 | 1 {
  return value > 0 ? 1 : value < 0 ? -1 : 0
}

/** Long when the class holds rises only, short when it holds falls only. */
function sideOfClass(k: number, thresholds: Float64Array): -1 | 0 | 1 {
  if (k > 0 && thresholds[k - 1]! >= 0) return 1
  return k < thresholds.length && thresholds[k]! <= 0 ? -1 : 0
}
