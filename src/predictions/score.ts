import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { Scores, ServedModel } from '../models/model.js'
import type { NewPrediction, Origin } from '../store/store.js'
import type { Series } from '../store/series.js'
import type { Input } from './describe-input.js'
import { hashFeatures, predictionId } from './identity.js'

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
    scored[k] = { prediction: describe(model, inputs[k]!, row, { yRaw, yPred, thresholds, series, acceptedMs, origin }), row }
  }
  return scored
}

interface Outputs extends Pick<Scoring, 'series' | 'acceptedMs' | 'origin'>, Pick<NewPrediction, 'yRaw' | 'yPred' | 'thresholds'> {}

const noThresholds: readonly number[] = []

/** Every property by name: put together with spreads, such an object took as long as the trees. */
function describe(model: ServedModel, input: Input, row: Float64Array, outputs: Outputs): NewPrediction {
  const { manifest } = model
  const { symbol, timeframe } = outputs.series
  const { catalogue, baseBars, bufferBars } = manifest.features
  const { barTimeMs } = input
  const { nan, outsideTrainingRange } = model.inspect(row)
  const featuresHash = hashFeatures(row)
  const inputHash = input.inputHash ?? featuresHash
  const { name, sha256, catalogueVersion } = model
  return {
    id: predictionId({
      symbol,
      timeframe,
      barTimeMs,
      model: name,
      modelSha256: sha256,
      catalogue,
      catalogueVersion,
      baseBars,
      bufferBars,
      inputHash,
    }),
    symbol,
    timeframe,
    barTimeMs,
    model: name,
    modelVersion: manifest.version,
    modelSha256: sha256,
    yRaw: outputs.yRaw,
    yPred: outputs.yPred,
    output: manifest.output,
    quantile: manifest.quantile ?? null,
    thresholds: outputs.thresholds,
    horizonBars: manifest.horizonBars,
    catalogue,
    catalogueVersion,
    baseBars,
    bufferBars,
    featuresHash,
    featuresNan: nan,
    featuresOutside: outsideTrainingRange,
    source: input.source,
    inputHash,
    inputSubmitted: input.inputSubmitted,
    inputBars: input.inputBars,
    inputFirstMs: input.inputFirstMs,
    inputLastMs: input.inputLastMs,
    unfinishedDropped: input.unfinishedDropped,
    origin: outputs.origin ?? originOf(barTimeMs, timeframe as Timeframe, outputs.acceptedMs),
    createdAtMs: outputs.acceptedMs,
    scorerVersion: model.scorer,
    details: null,
  }
}

/** Of one row nothing is copied. */
function outputsOf(scores: Float64Array, row: number, nOutputs: number): Float64Array {
  return scores.length === nOutputs ? scores : scores.slice(row * nOutputs, (row + 1) * nOutputs)
}

/** Live: accepted within one timeframe after the bar closed. */
function originOf(barTimeMs: number, timeframe: Timeframe, acceptedMs: number): Origin {
  return acceptedMs <= barTimeMs + 2 * durationMs(timeframe) ? 'live' : 'late'
}
