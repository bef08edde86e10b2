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
  const one = await connection.prepare(
    `SELECT ${selectList} FROM predictions
     WHERE bar_time = $1 AND symbol = $2 AND timeframe = $3 AND model = $4 AND (superseded_by IS NULL OR id = $5)`,
  )
  const many = await connection.prepare(
    `SELECT ${selectList} FROM predictions
     WHERE bar_time BETWEEN $1 AND $2
       AND list_contains($3, bar_time)
       AND list_contains($4, symbol || chr(10) || timeframe || chr(10) || model)
       AND (superseded_by IS NULL OR list_contains($5, id))`,
  )

  return { kept, close }

  function close(): void {
    one.destroySync()
    many.destroySync()
  }

  // Planned once: the types of its parameters are known, those of lists are not.
  async function keptOfOne({ barTimeMs, symbol, timeframe, model, id }: NewPrediction): Promise<StoredPrediction[]> {
    one.bindTimestamp(1, timestamp(barTimeMs))
    one.bindVarchar(2, symbol)
    one.bindVarchar(3, timeframe)
    one.bindVarchar(4, model)
    one.bindVarchar(5, id)
    return readRows(await one.run())
  }

  async function kept(handedIn: readonly NewPrediction[]): Promise<StoredPrediction[]> {
    const [first] = handedIn
    if (first === undefined) return []
    if (handedIn.length === 1) return keptOfOne(first)
    const times = [...new Set(handedIn.map(({ barTimeMs }) => barTimeMs))].sort((a, b) => a - b)
    many.bindTimestamp(1, timestamp(times[0] as number))
    many.bindTimestamp(2, timestamp(times.at(-1) as number))
    many.bindList(3, times.map(timestamp), LIST(TIMESTAMP))
    many.bindList(4, [...new Set(handedIn.map(seriesKey))], LIST(VARCHAR))
    many.bindList(
      5,
      handedIn.map(({ id }) => id),
      LIST(VARCHAR),
    )
    return readRows(await many.run())
  }
}
