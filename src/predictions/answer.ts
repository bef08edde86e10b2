import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { Output } from '../models/model.js'
import { scorerOf } from '../models/scorer-of.js'
import { toOutcome } from '../outcomes/to-outcome.js'
import type { StoredOutcome } from '../store/outcome-store.js'
import type { StoredPrediction } from '../store/store.js'
import { iso } from '../iso.js'
import type { Prediction } from './schema.js'

/**
 * A stored prediction as it is answered.
 * @param outcome its current one; undefined: pending
 */
export function toAnswer(stored: StoredPrediction, outcome?: StoredOutcome): Prediction {
  const barMs = durationMs(stored.timeframe as Timeframe)
  const closeMs = stored.barTimeMs + barMs
  return {
    id: stored.id,
    symbol: stored.symbol,
    timeframe: stored.timeframe,
    bar_time: iso(stored.barTimeMs),
    bar_close_time: iso(closeMs),
    model: { name: stored.model, version: stored.modelVersion, sha256: stored.modelSha256 },
    y_raw: toScore(stored.yRaw),
    y_pred: toScore(stored.yPred),
    output: stored.output as Output,
    horizon_bars: stored.horizonBars,
    settles_at: iso(closeMs + stored.horizonBars * barMs),
    valid_until: iso(closeMs + barMs),
    features: {
      catalogue: stored.catalogue,
      version: stored.catalogueVersion,
      hash: stored.featuresHash,
      nan: stored.featuresNan as string[],
      outside_training_range: stored.featuresOutside as string[],
    },
    scorer_version: stored.scorerVersion,
    scorer: scorerOf(stored.scorerVersion),
    input: {
      source: stored.source,
      hash: stored.inputHash,
      submitted: stored.inputSubmitted,
      bars: stored.inputBars,
      first: iso(stored.inputFirstMs),
      last: iso(stored.inputLastMs),
      unfinished_dropped: stored.unfinishedDropped,
    },
    origin: stored.origin,
    created_at: iso(stored.createdAtMs),
    supersedes: stored.supersedes,
    superseded_by: stored.supersededBy,
    details: stored.details === null ? null : (JSON.parse(stored.details) as Record<string, unknown>),
    outcome: toOutcome(outcome),
  }
}

/** One output as a number, several as a list; JSON has no NaN and no ∞, they become null. */
export function toScore(values: Float64Array): number | null | (number | null)[] {
  return values.length === 1 ? toJsonNumber(values[0]!) : Array.from(values, toJsonNumber)
}

function toJsonNumber(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
