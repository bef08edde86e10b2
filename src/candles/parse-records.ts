import { invalidAt } from '../errors.js'
import { type Column, columns } from './column.js'
import { nameColumns } from './name-columns.js'
import { badCell, parseCell } from './parse-cell.js'
import { allocateBars, type Submission, submit } from './submission.js'

/** Candles as `[{"timestamp": …, "open": …, …}, …]`, one object per bar. */
export function parseRecords(value: readonly unknown[]): Submission {
  const bars = allocateBars(value.length)
  let keys: readonly string[] = []
  let keyAt: Record<Column, number> | undefined
  for (let bar = 0; bar < value.length; bar++) {
    const record = value[bar]
    if (!isRecord(record)) {
      throw invalidAt(
        `/candles/${bar}`,
        bar === 0 ? 'a candle is an object or an array' : 'the candles before are objects, this one is not',
      )
    }
    const own = Object.keys(record)
    if (keyAt === undefined || !sameKeys(own, keys)) {
      keyAt = nameColumns(own, `/candles/${bar}`)
      keys = own
    }
    for (const column of columns) {
      const key = keys[keyAt[column]]!
      const number = parseCell(column, record[key])
      if (Number.isNaN(number)) throw badCell(column, record[key], `/candles/${bar}/${key}`)
      bars[column][bar] = number
    }
  }
  return submit(bars, (bar, column) => {
    const own = Object.keys(value[bar] as object)
    return `/candles/${bar}/${own[nameColumns(own, `/candles/${bar}`)[column]]}`
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
