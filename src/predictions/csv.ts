import { toCsv } from '../http/to-csv.js'
import type { StoredOutcome } from '../store/outcome-store.js'
import type { StoredPrediction } from '../store/store.js'
import { toScore } from './answer.js'
import { iso } from './iso.js'

type Cell = (stored: StoredPrediction, outcome: StoredOutcome | undefined) => unknown

/** Columns of a listing as CSV, and where each comes from. */
const columns: Readonly<Record<string, Cell>> = {
  id: (stored) => stored.id,
  symbol: (stored) => stored.symbol,
  timeframe: (stored) => stored.timeframe,
  bar_time: (stored) => iso(stored.barTimeMs),
  model: (stored) => stored.model,
  version: (stored) => stored.modelVersion,
  y_raw: (stored) => toScore(stored.yRaw),
  y_pred: (stored) => toScore(stored.yPred),
  output: (stored) => stored.output,
  horizon_bars: (stored) => stored.horizonBars,
  origin: (stored) => stored.origin,
  created_at: (stored) => iso(stored.createdAtMs),
  outcome_status: (_, outcome) => outcome?.status ?? 'pending',
}

const header = Object.keys(columns)
const cells = Object.values(columns)

/**
 * Predictions as RFC 4180 text with a header: arrays as JSON text, empty where a number is not finite.
 * @param outcomes current ones, by id of the prediction
 */
export function predictionsCsv(predictions: readonly StoredPrediction[], outcomes: ReadonlyMap<string, StoredOutcome>): string {
  return toCsv(
    header,
    predictions.map((stored) => cells.map((cell) => cell(stored, outcomes.get(stored.id)))),
  )
}
