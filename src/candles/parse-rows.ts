import { invalidAt } from '../errors.js'
import { columns } from './column.js'
import { badCell, parseCell } from './parse-cell.js'
import { allocateBars, type Submission, submit } from './submission.js'

/** Candles as ccxt and exchanges give them: `[[timestamp, open, high, low, close, volume, …], …]`. Further cells are ignored. */
export function parseRows(value: readonly unknown[]): Submission {
  const bars = allocateBars(value.length)
  for (let bar = 0; bar < value.length; bar++) {
    const row = value[bar]
    if (!Array.isArray(row)) throw invalidAt(`/candles/${bar}`, 'the candles before are arrays, this one is not')
    if (row.length < columns.length) {
      throw invalidAt(`/candles/${bar}`, `a row has at least ${columns.length} cells (${columns.join(', ')}), this one has ${row.length}`)
    }
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!
      const number = parseCell(column, row[i])
      if (Number.isNaN(number)) throw badCell(column, row[i], `/candles/${bar}/${i}`)
      bars[column][bar] = number
    }
  }
  return submit(bars, (bar, column) => `/candles/${bar}/${columns.indexOf(column)}`)
}
