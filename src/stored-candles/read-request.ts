import { parseCandles } from '../candles/parse.js'
import { invalidAt } from '../errors.js'
import { checked } from '../http/checked.js'
import { queryPointer } from '../http/validator-compiler.js'
import { type RawBody, readCandleBody } from '../predictions/candle-body.js'
import { candlesBodySchema, seriesSchema } from './body-schema.js'
import type { KeepRequest } from './keep-candles.js'

/**
 * What POST /candles was handed, out of its bytes.
 * @throws Problem 400 or 415
 */
export function readKeepRequest(raw: RawBody, query: Readonly<Record<string, unknown>>): KeepRequest {
  const body = readCandleBody(raw)
  if (body.format === 'csv') return { ...checked(seriesSchema, query, queryPointer), submission: body.submission }
  const [misplaced] = Object.keys(query)
  if (misplaced !== undefined) throw invalidAt(misplaced, 'with a JSON body this belongs into the body, not into the query')
  const { candles, ...series } = checked(candlesBodySchema, body.value)
  return { ...series, submission: body.submission ?? parseCandles(candles) }
}
