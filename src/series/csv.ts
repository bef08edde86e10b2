import { toCsv } from '../http/to-csv.js'
import { toScore } from '../predictions/answer.js'
import { iso } from '../iso.js'
import type { StoredOutcome } from '../store/outcome-store.js'
import type { SeriesRow } from './read-series.js'

type Cell = (row: SeriesRow, outcome: StoredOutcome | undefined) => unknown

/** Columns of a series as CSV, and where each comes from. */
const columns: Readonly<Record<string, Cell>> = {
  bar_time: ({ barTimeMs }) => iso(barTimeMs),
  id: ({ prediction }) => prediction?.id,
  version: ({ prediction }) => prediction?.modelVersion,
  y_raw: ({ prediction }) => prediction && toScore(prediction.yRaw),
  y_pred: ({ prediction }) => prediction && toScore(prediction.yPred),
  origin: ({ prediction }) => prediction?.origin,
  created_at: ({ prediction }) => prediction && iso(prediction.createdAtMs),
  outcome_status: ({ prediction }, outcome) => prediction && (outcome?.status ?? 'pending'),
  realised: (_, outcome) => outcome?.realised,
  hit: (_, outcome) => outcome?.hit,
  reason: ({ explanation }) => explanation?.reason,
  detail: ({ explanation }) => explanation?.detail,
}

const header = Object.keys(columns)
const cells = Object.values(columns)

/** A series as RFC 4180 text with a header. */
export function seriesCsv(rows: readonly SeriesRow[], outcomes: ReadonlyMap<string, StoredOutcome>): string {
  return toCsv(
    header,
    rows.map((row) => cells.map((cell) => cell(row, row.prediction && outcomes.get(row.prediction.id)))),
  )
}
