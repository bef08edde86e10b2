import { invalidAt } from '../errors.js'
import { parseColumns } from './parse-columns.js'
import { parseRecords } from './parse-records.js'
import { parseRows } from './parse-rows.js'
import type { Submission } from './submission.js'

/**
 * Candles of a JSON body, in any of the three layouts.
 * @param value what JSON.parse made of the field `candles`
 * @throws Problem `invalid-request` with a pointer to the first cell that is no number, or to what is missing
 */
export function parseCandles(value: unknown): Submission {
  if (Array.isArray(value)) {
    if (value.length === 0) throw invalidAt('/candles', 'there are no candles')
    return Array.isArray(value[0]) ? parseRows(value) : parseRecords(value)
  }
  if (typeof value === 'object' && value !== null) return parseColumns(value as Record<string, unknown>)
  throw invalidAt('/candles', `candles are ${value === undefined ? 'missing' : 'of the wrong type'}; ${layouts}`)
}

const layouts =
  'send columns {"timestamp": […], "open": […], "high": […], "low": […], "close": […], "volume": […]}, ' +
  'records [{"timestamp": …, "open": …, …}, …] or rows [[timestamp, open, high, low, close, volume], …]'
