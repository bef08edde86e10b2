import { LIST, listValue, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBDoubleVector, DuckDBListValue, DuckDBListVector, DuckDBResult, DuckDBValue } from '@duckdb/node-api'
import type { StoredFeatures } from '../feature-store.js'
import { kinds, timestamp } from './column-kinds.js'
import { withNegativeZeros } from './negative-zeros.js'

/** What a statement on `feature_rows` selects when its rows go through `readFeatures`. */
export const featureSelectList =
  'feature_key, symbol, timeframe, epoch_ms(bar_time)::DOUBLE, names_id, feature_values, epoch_ms(created_at)::DOUBLE, negative_zeros'

/** The stored rows of the places of those handed in. */
export async function findFeatures(connection: DuckDBConnection, handedIn: readonly StoredFeatures[]): Promise<StoredFeatures[]> {
  if (handedIn.length === 0) return []
  const times = [...new Set(handedIn.map(({ barTimeMs }) => barTimeMs))].sort((a, b) => a - b)
  const series = [...new Set(handedIn.map(({ featureKey, symbol, timeframe }) => `${featureKey}\n${symbol}\n${timeframe}`))]
  const result = await connection.run(
    `SELECT ${featureSelectList} FROM feature_rows
     WHERE bar_time BETWEEN $1 AND $2 AND list_contains($3, bar_time)
       AND list_contains($4, feature_key || chr(10) || symbol || chr(10) || timeframe)`,
    [timestamp(times[0] as number), timestamp(times.at(-1) as number), listValue(times.map(timestamp)), listValue(series)],
    [TIMESTAMP, TIMESTAMP, LIST(TIMESTAMP), LIST(VARCHAR)],
  )
  return readFeatures(connection, result)
}

/** The rows of a result. Rows with the same names share one array of them. */
export async function readFeatures(connection: DuckDBConnection, result: DuckDBResult): Promise<StoredFeatures[]> {
  const rows: (Omit<StoredFeatures, 'names'> & { readonly namesId: string })[] = []
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const [keys, symbols, timeframes, times, ids, values, created, zeros] = Array.from({ length: 8 }, (_, c) => chunk?.getColumnVector(c))
    for (let r = 0; r < chunk.rowCount; r++) {
      rows.push({
        featureKey: keys?.getItem(r) as string,
        symbol: symbols?.getItem(r) as string,
        timeframe: timeframes?.getItem(r) as string,
        barTimeMs: times?.getItem(r) as number,
        namesId: ids?.getItem(r) as string,
        values: withNegativeZeros(doubles(values as DuckDBListVector, r), kinds.optionalPlaces.read(zeros?.getItem(r) as DuckDBValue)),
        createdAtMs: created?.getItem(r) as number,
      })
    }
  }
  const names = await readNames(connection, [...new Set(rows.map(({ namesId }) => namesId))])
  return rows.map(({ namesId, ...row }) => ({ ...row, names: names.get(namesId) as readonly string[] }))
}

async function readNames(connection: DuckDBConnection, ids: readonly string[]): Promise<Map<string, readonly string[]>> {
  if (ids.length === 0) return new Map()
  const result = await connection.run(
    'SELECT names_id, names FROM feature_names WHERE list_contains($1, names_id)',
    [listValue(ids)],
    [LIST(VARCHAR)],
  )
  return new Map((await result.getRows()).map(([id, names]) => [id as string, (names as DuckDBListValue).items as readonly string[]]))
}

/** The list of a row without an object per number. */
function doubles(vector: DuckDBListVector, row: number): Float64Array {
  const first = vector.getEntryOffset(row)
  const all = vector.childVector as DuckDBDoubleVector
  return Float64Array.from({ length: vector.getEntryLength(row) }, (_, k) => all.getItem(first + k) as number)
}
