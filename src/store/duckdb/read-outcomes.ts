import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api'
import type { StoredOutcome } from '../outcome-store.js'
import { outcomeColumns } from './outcome-columns.js'

/** What a statement selects whose rows become outcomes; commit numbers stay inside. */
const selectedOutcome = outcomeColumns.filter(({ name }) => name !== 'revision' && name !== 'replaced_by')
export const outcomeList = selectedOutcome.map(({ name }) => name).join(', ')

/** The rows of a result, chunk by chunk, so that other work gets its turn between them. */
export async function readOutcomes(result: DuckDBResult): Promise<StoredOutcome[]> {
  const outcomes: StoredOutcome[] = []
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    outcomes.push(...outcomesOf(chunk))
  }
  return outcomes
}

function outcomesOf(chunk: DuckDBDataChunk): StoredOutcome[] {
  const rows: Record<string, unknown>[] = Array.from({ length: chunk.rowCount }, () => ({}))
  selectedOutcome.forEach(({ field, fromCell }, c) => {
    chunk.visitColumnValues(c, (cell, r) => {
      rows[r]![field] = fromCell(cell)
    })
  })
  return rows as unknown as StoredOutcome[]
}
