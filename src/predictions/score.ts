import type { Scores, ServedModel } from '../models/model.js'
import type { NewPrediction, Origin } from '../store/store.js'
import type { Series } from '../store/series.js'
import type { Input } from './describe-input.js'
import { describePrediction } from './describe-prediction.js'

export interface Scoring {
  readonly model: ServedModel
  /** Feature rows: row-major [inputs × features], float64, missing = NaN, in the booster's order. */
  readonly rows: Float64Array
  /** What each row was made of; at least one. */
  readonly inputs: readonly Input[]
  readonly series: Series
  readonly acceptedMs: number
  /** Undefined: live or late, as the clock says. */
  readonly origin: Origin | undefined
}

/** One prediction, ready to be stored, and the feature row it was scored from: a view into the rows handed in. */
export interface Scored {
  readonly prediction: NewPrediction
  readonly row: Float64Array
}

/** Scores rows of one model, all at once; later when its family works beside the event loop. */
export function score(scoring: Scoring): Scored[] | Promise<Scored[]> {
  const { model, rows } = scoring
  if (model.scoreLater === undefined) return describeAll(scoring, model.score(rows))
  return model.scoreLater(rows).then((scores) => describeAll(scoring, scores))
}

function describeAll({ model, rows, inputs, series, acceptedMs, origin }: Scoring, { raw, pred }: Scores): Scored[] {
  const nFeatures = model.featureNames.length
  const thresholds = Float64Array.from(model.manifest.thresholds ?? noThresholds)
  const scored = new Array<Scored>(inputs.length)
  for (let k = 0; k < inputs.length; k++) {
    const row = inputs.length === 1 ? rows : rows.subarray(k * nFeatures, (k + 1) * nFeatures)
    const yRaw = outputsOf(raw, k, model.nOutputs)
    const yPred = outputsOf(pred, k, model.nOutputs)
    scored[k] = {
      prediction: describePrediction(model, inputs[k]!, row, { yRaw, yPred, thresholds, series, acceptedMs, origin, details: null }),
      row,
    }
  }
  return scored
}

const noThresholds: readonly number[] = []

/** Of one row nothing is copied. */
function outputsOf(scores: Float64Array, row: number, nOutputs: number): Float64Array {
  return scores.length === nOutputs ? scores : scores.slice(row * nOutputs, (row + 1) * nOutputs)
}
