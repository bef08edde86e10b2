import { version as scorerVersion } from 'lightgbm-wasm'
import { durationMs } from '../candles/timeframe.js'
import type { Timeframe } from '../candles/timeframe.js'
import type { ServedModel } from '../models/model.js'
import type { NewPrediction, Origin } from '../store/store.js'
import type { Chosen } from './choose-models.js'
import type { Input } from './describe-input.js'
import { hashFeatures, predictionId } from './identity.js'

export interface Scoring {
  readonly model: ServedModel
  /** Feature row in the booster's order. */
  readonly row: Float64Array
  readonly chosen: Chosen
  readonly input: Input
  readonly acceptedMs: number
}

/** One prediction, ready to be stored. */
export function score({ model, row, chosen: { symbol, timeframe }, input, acceptedMs }: Scoring): NewPrediction {
  const { manifest } = model
  const { raw, pred } = model.score(row)
  const { nan, outsideTrainingRange } = model.inspect(row)
  const identity = {
    symbol,
    timeframe,
    barTimeMs: input.barTimeMs,
    model: model.name,
    modelSha256: model.sha256,
    catalogue: manifest.features.catalogue,
    catalogueVersion: model.catalogueVersion,
    baseBars: manifest.features.baseBars,
    bufferBars: manifest.features.bufferBars,
    inputHash: input.inputHash,
  }
  return {
    ...input,
    ...identity,
    id: predictionId(identity),
    modelVersion: manifest.version,
    yRaw: raw,
    yPred: pred,
    output: manifest.output,
    horizonBars: manifest.horizonBars,
    featuresHash: hashFeatures(row),
    featuresNan: nan,
    featuresOutside: outsideTrainingRange,
    origin: originOf(input.barTimeMs, timeframe, acceptedMs),
    createdAtMs: acceptedMs,
    scorerVersion,
  }
}

/** Live: accepted within one timeframe after the bar closed. */
function originOf(barTimeMs: number, timeframe: Timeframe, acceptedMs: number): Origin {
  return acceptedMs <= barTimeMs + 2 * durationMs(timeframe) ? 'live' : 'late'
}
