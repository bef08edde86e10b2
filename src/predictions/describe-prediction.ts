import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { ServedModel } from '../models/model.js'
import type { Series } from '../store/series.js'
import type { NewPrediction, Origin } from '../store/store.js'
import type { Input } from './describe-input.js'
import { hashFeatures, predictionId } from './identity.js'

export interface Outputs extends Pick<NewPrediction, 'yRaw' | 'yPred' | 'thresholds' | 'details'> {
  readonly series: Series
  readonly acceptedMs: number
  /** Undefined: live or late, as the clock says. */
  readonly origin: Origin | undefined
}

/**
 * A prediction as it is stored, out of what it was made of and what came out. Every property by name: put together with spreads, such an object took
 * as long as the trees.
 * @param row the model's inputs, in its order
 */
export function describePrediction(model: ServedModel, input: Input, row: Float64Array, outputs: Outputs): NewPrediction {
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
    yRaw: withoutNegativeZero(outputs.yRaw),
    yPred: withoutNegativeZero(outputs.yPred),
    output: manifest.output,
    quantile: manifest.quantile ?? null,
    thresholds: withoutNegativeZero(outputs.thresholds),
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
    details: outputs.details,
  }
}

/** The store and JSON do not keep the sign of zero, so a prediction has none: what is derived again is then the same to the bit. */
function withoutNegativeZero(values: Float64Array): Float64Array {
  for (const value of values) if (Object.is(value, -0)) return values.map((other) => other + 0)
  return values
}

/** Live: accepted within one timeframe after the bar closed. */
function originOf(barTimeMs: number, timeframe: Timeframe, acceptedMs: number): Origin {
  return acceptedMs <= barTimeMs + 2 * durationMs(timeframe) ? 'live' : 'late'
}
