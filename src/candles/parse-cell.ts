import { invalidAt, type Problem } from '../errors.js'
import type { Column } from './column.js'
import { parseDecimal } from './parse-decimal.js'
import { inRange, parseTime, whyNoTime } from './parse-time.js'

/** The value of a price or volume cell: a number, or a text that spells one; NaN when it is neither. */
export function parseNumberCell(cell: unknown): number {
  if (typeof cell === 'number') return cell
  return typeof cell === 'string' ? parseDecimal(cell, 0, cell.length) : NaN
}

/** The epoch milliseconds of a time cell: a number between 2000 and 2100, or a text that names a time; NaN when it is neither. */
export function parseTimeCell(cell: unknown): number {
  if (typeof cell === 'number') return inRange(cell)
  return typeof cell === 'string' ? parseTime(cell) : NaN
}

export function parseCell(column: Column, cell: unknown): number {
  return column === 'timestamp' ? parseTimeCell(cell) : parseNumberCell(cell)
}

/** Why a cell that parsed to NaN is refused. */
export function badCell(column: Column, cell: unknown, pointer: string): Problem {
  const why = column === 'timestamp' ? whyNoTime(cell) : 'is no number'
  return invalidAt(pointer, `${describe(cell)} ${why}`)
}

/** A cell in few words, safe for cells of any size and depth. */
function describe(cell: unknown): string {
  if (typeof cell === 'string') return JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell)
  if (typeof cell === 'number' || typeof cell === 'boolean' || cell === null) return String(cell)
  if (cell === undefined) return 'nothing'
  return Array.isArray(cell) ? 'an array' : 'an object'
}
