import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { OutcomeStore, StoredOutcome } from '../store/outcome-store.js'
import type { StoredPrediction } from '../store/store.js'
import { toAnswer } from './answer.js'
import type { Prediction } from './schema.js'

/** Predictions as they are answered, in their order, each with its current outcome. */
export type ToAnswers = (predictions: readonly StoredPrediction[]) => Promise<Prediction[]>

export interface OutcomesOf {
  /** The current outcome of each prediction that has one, by id. */
  (predictions: readonly StoredPrediction[]): Promise<ReadonlyMap<string, StoredOutcome>>
}

/** Asks the store only for predictions whose horizon is over: nothing settles before, and most answers are about a bar that just closed. */
export function createOutcomesOf(outcomes: Pick<OutcomeStore, 'of'>, nowMs: () => number): OutcomesOf {
  return async (predictions) => {
    const now = nowMs()
    const due = predictions.filter((prediction) => settlesAtMs(prediction) <= now)
    return due.length === 0 ? none : outcomes.of(due)
  }
}

export function createToAnswers(outcomesOf: OutcomesOf): ToAnswers {
  return async (predictions) => {
    const outcomes = await outcomesOf(predictions)
    return predictions.map((prediction) => toAnswer(prediction, outcomes.get(prediction.id)))
  }
}

const none: ReadonlyMap<string, StoredOutcome> = new Map()

function settlesAtMs({ barTimeMs, timeframe, horizonBars }: StoredPrediction): number {
  return barTimeMs + (1 + horizonBars) * durationMs(timeframe as Timeframe)
}
