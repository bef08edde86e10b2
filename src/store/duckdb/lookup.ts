import { LIST, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { NewPrediction, StoredPrediction } from '../store.js'
import { timestamp } from './column-kinds.js'
import { seriesKey } from './link.js'
import { readRows, selectList } from './read-rows.js'

export interface Lookup {
  /** The rows that have the id of a prediction handed in, and the current rows of their series and bars. */
  kept(handedIn: readonly NewPrediction[]): Promise<StoredPrediction[]>
  close(): void
}

/**
 * Finds rows by bar time first: an equal id means an equal bar time, and DuckDB skips row groups by the minimum and
 * maximum of a column. `list_contains` took half the time of `IN (SELECT unnest(…))` for up to 16 predictions (2.3 ms against
 * 4.5 ms among 1,000,000 rows) and the same for 5,000.
 */
export async function createLookup(connection: DuckDBConnection): Promise<Lookup> {
  const statement = await connection.prepare(
    `SELECT ${selectList} FROM predictions
     WHERE bar_time BETWEEN $1 AND $2
       AND list_contains($3, bar_time)
       AND list_contains($4, symbol || chr(10) || timeframe || chr(10) || model)
       AND (superseded_by IS NULL OR list_contains($5, id))`,
  )

  return { kept, close: () => statement.destroySync() }

  async function kept(handedIn: readonly NewPrediction[]): Promise<StoredPrediction[]> {
    if (handedIn.length === 0) return []
    const times = [...new Set(handedIn.map(({ barTimeMs }) => barTimeMs))].sort((a, b) => a - b)
    statement.bindTimestamp(1, timestamp(times[0] as number))
    statement.bindTimestamp(2, timestamp(times.at(-1) as number))
    statement.bindList(3, times.map(timestamp), LIST(TIMESTAMP))
    statement.bindList(4, [...new Set(handedIn.map(seriesKey))], LIST(VARCHAR))
    statement.bindList(
      5,
      handedIn.map(({ id }) => id),
      LIST(VARCHAR),
    )
    return readRows(await statement.run())
  }
}
