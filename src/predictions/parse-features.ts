import { parseTimeCell } from '../candles/parse-cell.js'
import { whyNoTime } from '../candles/parse-time.js'
import { invalidAt } from '../errors.js'
import { shorten } from '../shorten.js'
import type { FeatureColumns, FeatureRows } from './feature-rows.js'

/** A catalogue has some hundred features; a table may hold those of several. */
export const maxColumns = 5_000
export const maxColumnName = 200

/**
 * Feature values of a JSON body: `{"columns": [names], "rows": [[values], …], "timestamps": [open times]}`; further members are ignored.
 * NaN is `null`, the infinities are `"inf"` and `"-inf"`.
 * @param value what JSON.parse made of the field `features`
 * @throws Problem `invalid-request` with a pointer to the first thing that is wrong
 */
export function parseFeatures(value: unknown): FeatureRows {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidAt('/features', 'features are an object {"columns": [names], "rows": [[values], …], "timestamps": [open times]}')
  }
  const { columns, rows, timestamps } = value as { columns?: unknown; rows?: unknown; timestamps?: unknown }
  const named = readColumns(list(columns, 'columns'))
  const given = list(rows, 'rows')
  if (given.length === 0) throw invalidAt('/features/rows', 'there are no rows')
  const times = list(timestamps, 'timestamps')
  if (times.length !== given.length) {
    throw invalidAt('/features/timestamps', `there are ${times.length} timestamps for ${given.length} rows`)
  }
  const nColumns = named.names.length
  const values = new Float64Array(given.length * nColumns)
  given.forEach((row, index) => {
    if (!Array.isArray(row)) throw invalidAt(`/features/rows/${index}`, 'a row is a list of values')
    if (row.length !== nColumns) {
      throw invalidAt(`/features/rows/${index}`, `there are ${row.length} values for ${nColumns} columns`)
    }
    fillRow(row as unknown[], index, values, index * nColumns)
  })
  return { columns: named, nRows: given.length, values, openTimeMs: readTimes(times) }
}

/**
 * The names of columns, checked.
 * @throws Problem `invalid-request`
 */
export function readColumns(columns: readonly unknown[]): FeatureColumns {
  if (columns.length === 0) throw invalidAt('/features/columns', 'there are no columns')
  if (columns.length > maxColumns)
    throw invalidAt('/features/columns', `there are ${columns.length} columns, at most ${maxColumns} are read`)
  const known = new Map<string, number>()
  columns.forEach((name, index) => {
    const pointer = `/features/columns/${index}`
    if (typeof name !== 'string') throw invalidAt(pointer, 'the name of a column is a text')
    if (name === '' || name.length > maxColumnName) throw invalidAt(pointer, `a name has 1 to ${maxColumnName} characters`)
    const before = known.get(name)
    if (before !== undefined) throw invalidAt(pointer, `column ${JSON.stringify(shorten(name))} is given twice, also at ${before}`)
    known.set(name, index)
  })
  return { names: columns as readonly string[] }
}

function list(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw invalidAt(`/features/${name}`, value === undefined ? 'is missing' : 'a list is expected')
}

function fillRow(row: readonly unknown[], index: number, out: Float64Array, offset: number): void {
  for (let column = 0; column < row.length; column++) {
    const value = row[column]
    if (typeof value === 'number') out[offset + column] = value
    else if (value === null) out[offset + column] = NaN
    else if (value === 'inf') out[offset + column] = Infinity
    else if (value === '-inf') out[offset + column] = -Infinity
    else throw invalidAt(`/features/rows/${index}/${column}`, 'a number, null (for NaN), "inf" or "-inf" is expected')
  }
}

function readTimes(times: readonly unknown[]): Float64Array {
  return Float64Array.from(times, (cell, index) => {
    const ms = parseTimeCell(cell)
    if (!Number.isNaN(ms)) return ms
    throw invalidAt(`/features/timestamps/${index}`, `${JSON.stringify(cell)?.slice(0, 40)} ${whyNoTime(cell)}`)
  })
}
