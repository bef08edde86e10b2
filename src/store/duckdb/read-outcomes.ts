import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api'
import type { StoredOutcome } from '../outcome-store.js'
import { outcomeColumns } from './outcome-columns.js'

/** What a statement selects whose rows become outcomes; commit numbers stay inside. */
export const selectedOutcome = outcomeColumns.filter(({ name }) => name !== 'revision' && name !== 'replaced_by')
export const outcomeList = selectedOutcome.map(({ name }) => name).join(', ')

/** The rows of a result, chunk by chunk, so that other work gets its turn between them. */
export async function readOutcomes(result: DuckDBResult): Promise<StoredOutcome[]> {
  const outcomes: StoredOutcome[] = []
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    outcomes.push(...(outcomesOf(chunk, 0) as StoredOutcome[]))
  }
  return outcomes
}

/**
 * The outcomes of a chunk, one per row.
 * @param firstColumn where the columns of `selectedOutcome` begin
 * @returns undefined for a row whose prediction id is null
 */
export function outcomesOf(chunk: DuckDBDataChunk, firstColumn: number): (StoredOutcome | undefined)[] {
  const rows: (Record<string, unknown> | undefined)[] = []
  chunk.visitColumnValues(firstColumn, (id, r) => (rows[r] = id === null ? undefined : {}))
  selectedOutcome.forEach(({ field, fromCell }, c) => {
    chunk.visitColumnValues(firstColumn + c, (cell, r) => {
      const row = rows[r]
      if (row !== undefined) row[field] = fromCell(cell)
    })
  })
  return rows as unknown as (StoredOutcome | undefined)[]
}
