import { invalidAt } from '../errors.js'
import { columns } from './column.js'
import { nameColumns } from './name-columns.js'
import { badCell, parseNumberCell, parseTimeCell } from './parse-cell.js'
import { allocateBars, type Submission, submit } from './submission.js'

/** Candles as `{"timestamp": […], "open": […], …}`: columns of equal length. */
export function parseColumns(value: Readonly<Record<string, unknown>>): Submission {
  const keys = Object.keys(value)
  const keyAt = nameColumns(keys, '/candles')
  const given = columns.map((column) => {
    const key = keys[keyAt[column]]!
    const cells = value[key]
    if (!Array.isArray(cells)) throw invalidAt(`/candles/${key}`, `column ${column} is no array`)
    return { column, key, cells: cells as unknown[] }
  })

  const nBars = given[0]!.cells.length
  for (const { key, cells } of given) {
    if (cells.length !== nBars) {
      throw invalidAt(`/candles/${key}`, `columns are of unequal length: ${key} has ${cells.length} values, ${given[0]!.key} has ${nBars}`)
    }
  }
  if (nBars === 0) throw invalidAt('/candles', 'there are no candles')

  const bars = allocateBars(nBars)
  for (const { column, key, cells } of given) {
    const failed = column === 'timestamp' ? fillTimes(cells, bars.timestamp) : fillNumbers(cells, bars[column])
    if (failed >= 0) throw badCell(column, cells[failed], `/candles/${key}/${failed}`)
  }
  return submit(bars, (bar, column) => `/candles/${keys[keyAt[column]]}/${bar}`)
}

/** Fills `out` and returns −1, or the index of the first cell that is no time. */
function fillTimes(cells: readonly unknown[], out: Float64Array): number {
  for (let i = 0; i < cells.length; i++) {
    const ms = parseTimeCell(cells[i])
    if (Number.isNaN(ms)) return i
    out[i] = ms
  }
  return -1
}

function fillNumbers(cells: readonly unknown[], out: Float64Array): number {
  for (let i = 0; i < cells.length; i++) {
    const value = parseNumberCell(cells[i])
    if (Number.isNaN(value)) return i
    out[i] = value
  }
  return -1
}
