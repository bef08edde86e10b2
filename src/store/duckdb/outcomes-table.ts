import { outcomeColumns } from './outcome-columns.js'
import { createTable } from './table.js'

/** Outcomes: rows are added and never changed, but for `replaced_by`. How far settling has looked stands in `progress`, as `outcomes`. */
export const outcomesTable: readonly string[] = createTable({
  name: 'outcomes',
  meaning: 'what came of predictions; one that was settled anew has several rows, of which the one with replaced_by null is current',
  columns: outcomeColumns,
})
