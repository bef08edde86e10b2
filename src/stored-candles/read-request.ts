import type { z } from 'zod'
import { parseCandles } from '../candles/parse.js'
import { invalidAt } from '../errors.js'
import { invalid } from '../http/validator-compiler.js'
import { inWords } from '../in-words.js'
import { type RawBody, readCandleBody } from '../predictions/candle-body.js'
import { candlesBodySchema, seriesSchema } from './body-schema.js'
import type { KeepRequest } from './keep-candles.js'

/**
 * What POST /candles was handed, out of its bytes.
 * @throws Problem 400 or 415
 */
export function readKeepRequest(raw: RawBody, query: Readonly<Record<string, unknown>>): KeepRequest {
  const body = readCandleBody(raw)
  if (body.format === 'csv') return { ...check(seriesSchema, query, (path) => path.map(String).join('/')), submission: body.submission }
  const [misplaced] = Object.keys(query)
  if (misplaced !== undefined) throw invalidAt(misplaced, 'with a JSON body this belongs into the body, not into the query')
  const { candles, ...series } = check(candlesBodySchema, body.value, pointerTo)
  return { ...series, submission: body.submission ?? parseCandles(candles) }
}

function check<Schema extends z.ZodObject>(schema: Schema, value: unknown, pointer: Pointer): z.output<Schema> {
  const result = schema.safeParse(value, { error: inWords })
  if (!result.success) throw invalid(result.error, schema, pointer)
  return result.data
}

type Pointer = (path: readonly PropertyKey[]) => string

/** A JSON pointer, RFC 6901. */
const pointerTo: Pointer = (path) => path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
