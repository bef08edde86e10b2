import { type ParquetColumn, toParquet } from '../http/to-parquet.js'
import type { StoredOutcome } from '../store/outcome-store.js'
import type { SeriesRow } from './read-series.js'

type Cell = (row: SeriesRow, outcome: StoredOutcome | undefined) => unknown

const single = (values: Float64Array | undefined) => (values?.length === 1 ? values[0] : null)
const several = (values: Float64Array | undefined) => (values === undefined || values.length === 1 ? null : values)

/** Columns of a series as Parquet. A model of several classes has its numbers in the lists, one of a single output in y_raw and y_pred. */
const columns: Readonly<Record<string, readonly [ParquetColumn['type'], Cell]>> = {
  bar_time: ['TIMESTAMP', ({ barTimeMs }) => barTimeMs],
  id: ['VARCHAR', ({ prediction }) => prediction?.id],
  version: ['VARCHAR', ({ prediction }) => prediction?.modelVersion],
  y_raw: ['DOUBLE', ({ prediction }) => single(prediction?.yRaw)],
  y_pred: ['DOUBLE', ({ prediction }) => single(prediction?.yPred)],
  y_raw_classes: ['DOUBLE[]', ({ prediction }) => several(prediction?.yRaw)],
  y_pred_classes: ['DOUBLE[]', ({ prediction }) => several(prediction?.yPred)],
  origin: ['VARCHAR', ({ prediction }) => prediction?.origin],
  created_at: ['TIMESTAMP', ({ prediction }) => prediction?.createdAtMs],
  outcome_status: ['VARCHAR', ({ prediction }, outcome) => prediction && (outcome?.status ?? 'pending')],
  realised: ['DOUBLE', (_, outcome) => outcome?.realised],
  hit: ['BOOLEAN', (_, outcome) => outcome?.hit],
  reason: ['VARCHAR', ({ explanation }) => explanation?.reason],
  detail: ['VARCHAR', ({ explanation }) => explanation?.detail],
}

/** A series as a Parquet file, a row per bar, in order. NaN and ±∞ stay what they are; where there is no prediction its cells are missing. */
export function seriesParquet(rows: readonly SeriesRow[], outcomes: ReadonlyMap<string, StoredOutcome>): Promise<Buffer> {
  const filled = Object.entries(columns).map(([name, [type, cell]]) => ({
    name,
    type,
    values: rows.map((row) => cell(row, row.prediction && outcomes.get(row.prediction.id))),
  }))
  return toParquet(filled, rows.length)
}
