import type { DuckDBResult } from '@duckdb/node-api'
import type { StoredPrediction } from '../store.js'
import { columns } from './columns.js'

/** What a statement selects when its rows go through `readRows`. The commit number stays inside. */
export const selected = columns.filter(({ name }) => name !== 'revision')
export const selectList = selected.map(({ name }) => name).join(', ')

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
