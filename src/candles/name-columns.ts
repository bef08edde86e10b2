import { invalidAt } from '../errors.js'
import { shorten } from '../shorten.js'
import { type Column, columnOf, columns } from './column.js'

/**
 * Which of a client's names stands for which column.
 * @param names as written: the keys of an object, the header of a CSV
 * @param place where they stand, for the message
 * @returns index into `names` per column
 * @throws Problem `invalid-request` when a column is missing or named twice
 */
export function nameColumns(names: readonly string[], place: string): Record<Column, number> {
  const found = new Map<Column, number>()
  names.forEach((name, index) => {
    const column = columnOf(name)
    if (column === undefined) return
    const before = found.get(column)
    if (before !== undefined) throw invalidAt(place, `column ${column} is given twice, as ${quoted(names[before]!)} and ${quoted(name)}`)
    found.set(column, index)
  })
  const missing = columns.filter((column) => !found.has(column))
  if (missing.length > 0) {
    throw invalidAt(place, `${missing.length === 1 ? 'column' : 'columns'} ${missing.join(', ')} missing`, { missing })
  }
  return Object.fromEntries(found) as Record<Column, number>
}

function quoted(name: string): string {
  return JSON.stringify(shorten(name))
}
