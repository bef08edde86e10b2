import { listValue } from '@duckdb/node-api'
import type { DuckDBResult } from '@duckdb/node-api'
import type { StoredPrediction } from '../store.js'
import { columns } from './columns.js'

/** Lists of texts come as one text: 10,000 rows with 100 names each took 1,620 ms of CPU name by name, and 760 as JSON. */
const selected = columns.map(({ name, sqlType, read }) => {
  if (!sqlType.startsWith('VARCHAR[]')) return { sql: name, read }
  const readTexts: typeof read = (cell, row) => read(listValue(JSON.parse(cell as string) as string[]), row)
  return { sql: `to_json(${name})::VARCHAR AS ${name}`, read: readTexts }
})

/** What a statement selects when its rows go through `readRows`. */
export const selectList = selected.map(({ sql }) => sql).join(', ')

/** The rows of a result, chunk by chunk (2,048 rows), so that other work gets its turn between them. */
export async function readRows(result: DuckDBResult): Promise<StoredPrediction[]> {
  const rows: StoredPrediction[] = []
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const first = rows.length
    for (let r = 0; r < chunk.rowCount; r++) rows.push({} as StoredPrediction)
    selected.forEach(({ read }, c) => {
      chunk?.visitColumnValues(c, (cell, r) => read(cell, rows[first + r] as unknown as Record<string, unknown>))
    })
  }
  return rows
}
