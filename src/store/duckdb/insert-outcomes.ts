import { setImmediate as turn } from 'node:timers/promises'
import { BIGINT, LIST, listValue, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { StoredOutcome } from '../outcome-store.js'
import { timestamp } from './column-kinds.js'
import { outcomeColumns, type OutcomeRow } from './outcome-columns.js'

/** More rows than this go by the appender: 500 rows took 2 ms of the main thread, as lists in one statement 25 ms. */
const maxByStatement = 16

/** Rows appended before the event loop gets its turn: 2 ms. */
const rowsPerTurn = 500

/** Adds outcomes within the caller's transaction; each replaces the current one of its prediction. */
export async function insertOutcomes(writer: DuckDBConnection, outcomes: readonly StoredOutcome[], revision: number): Promise<void> {
  if (outcomes.length === 0) return
  await replaceCurrent(writer, outcomes, revision)
  const newest = new Map(outcomes.map(({ predictionId }, k) => [predictionId, k]))
  const rows = outcomes.map((outcome, k) => ({
    ...outcome,
    revision,
    replacedBy: newest.get(outcome.predictionId) === k ? null : revision,
  }))
  if (rows.length <= maxByStatement) await byStatement(writer, rows)
  else await byAppender(writer, rows)
}

/** Looked up first: most outcomes are the first of their prediction, and an UPDATE costs more than this when it finds nothing. */
async function replaceCurrent(writer: DuckDBConnection, outcomes: readonly StoredOutcome[], revision: number): Promise<void> {
  const times = outcomes.map(({ barTimeMs }) => barTimeMs)
  const span = [timestamp(times.reduce((a, b) => Math.min(a, b))), timestamp(times.reduce((a, b) => Math.max(a, b)))]
  const found = await writer.run('SELECT prediction_id FROM outcomes WHERE bar_time BETWEEN $1 AND $2 AND replaced_by IS NULL', span)
  const current = new Set((await found.getRows()).map(([id]) => id as string))
  const replaced = [...new Set(outcomes.map(({ predictionId }) => predictionId))].filter((id) => current.has(id))
  if (replaced.length === 0) return
  await writer.run(
    `UPDATE outcomes SET replaced_by = $1
     WHERE bar_time BETWEEN $2 AND $3 AND replaced_by IS NULL AND prediction_id IN (SELECT unnest($4))`,
    [BigInt(revision), ...span, listValue(replaced)],
    [BIGINT, TIMESTAMP, TIMESTAMP, LIST(VARCHAR)],
  )
}

async function byStatement(writer: DuckDBConnection, rows: readonly OutcomeRow[]): Promise<void> {
  const marks = `(${outcomeColumns.map(() => '?').join(', ')})`
  await writer.run(
    `INSERT INTO outcomes VALUES ${rows.map(() => marks).join(', ')}`,
    rows.flatMap((row) => outcomeColumns.map(({ toCell }) => toCell(row))),
    rows.flatMap(() => outcomeColumns.map(({ type }) => type)),
  )
}

async function byAppender(writer: DuckDBConnection, rows: readonly OutcomeRow[]): Promise<void> {
  const appender = await writer.createAppender('outcomes')
  try {
    for (let first = 0; first < rows.length; first += rowsPerTurn) {
      if (first > 0) await turn()
      for (const row of rows.slice(first, first + rowsPerTurn)) {
        for (const { append } of outcomeColumns) append(appender, row)
        appender.endRow()
      }
      appender.flushSync()
    }
  } catch (error) {
    appender.clear()
    throw error
  } finally {
    appender.closeSync()
  }
}
