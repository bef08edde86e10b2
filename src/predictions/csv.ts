import { toCsv } from '../http/to-csv.js'
import { scorerOf } from '../models/scorer-of.js'
import type { StoredOutcome } from '../store/outcome-store.js'
import type { StoredPrediction } from '../store/store.js'
import { toScore } from './answer.js'
import { directionIn } from './direction-in.js'
import { iso } from '../iso.js'

type Cell = (stored: StoredPrediction, outcome: StoredOutcome | undefined) => unknown

export const columnSets = ['standard', 'all'] as const
export type ColumnSet = (typeof columnSets)[number]

/** Columns of every listing as CSV, and where each comes from. */
const standard: Readonly<Record<string, Cell>> = {
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

/** With those that only who asks for them gets, because programs read the others by their place. */
const all: Readonly<Record<string, Cell>> = {
  ...standard,
  scorer_version: (stored) => stored.scorerVersion,
  scorer_family: (stored) => scorerOf(stored.scorerVersion).family,
  scorer_precision: (stored) => scorerOf(stored.scorerVersion).precision,
  signal: (stored) => directionIn(stored.details),
  details: (stored) => stored.details,
}

const columns = { standard, all } satisfies Record<ColumnSet, Readonly<Record<string, Cell>>>

/**
 * Predictions as RFC 4180 text with a header: arrays as JSON text, empty where a number is not finite.
 * @param outcomes current ones, by id of the prediction
 */
export function predictionsCsv(
  predictions: readonly StoredPrediction[],
  outcomes: ReadonlyMap<string, StoredOutcome>,
  set: ColumnSet = 'standard',
): string {
  const cells = Object.values(columns[set])
  return toCsv(
    Object.keys(columns[set]),
    predictions.map((stored) => cells.map((cell) => cell(stored, outcomes.get(stored.id)))),
  )
}
