import { isUtf8 } from 'node:buffer'
import type { z } from 'zod'
import { cutColumns } from '../candles/cut-columns.js'
import { parseCsv } from '../candles/parse-csv.js'
import { parseCandles } from '../candles/parse.js'
import type { Submission } from '../candles/submission.js'
import { invalidAt, Problem } from '../errors.js'
import { unsupportedMediaType } from '../http/to-problem.js'
import { inWords } from '../in-words.js'
import { invalid } from '../http/validator-compiler.js'
import { bodySchema, maxModels, targetSchema } from './body-schema.js'
import { parseJson } from './parse-json.js'
import type { PredictRequest } from './predict.js'
import type { PredictQuery } from './query-schema.js'

export interface RawRequest {
  /** Header Content-Type, of one of the two types that are routed here. */
  readonly contentType: string
  /** Header Content-Encoding. */
  readonly contentEncoding: string | undefined
  readonly body: Buffer
  readonly query: PredictQuery
}

/**
 * What POST /predict was asked, out of its bytes.
 * @throws Problem 400 or 415
 */
export function readRequest({ contentType, contentEncoding, body, query }: RawRequest): PredictRequest {
  refuseEncodings(contentType, contentEncoding)
  const { store, ...target } = query
  if (mediaType(contentType) === 'text/csv') {
    if (!isUtf8(body)) throw new Problem('invalid-request', 'The CSV is not UTF-8.')
    return { ...check(targetSchema, target, inQuery), submission: parseCsv(decode(body)), store }
  }
  const [misplaced] = Object.keys(target)
  if (misplaced !== undefined) throw invalidAt(misplaced, 'with a JSON body this belongs into the body, not into the query')
  if (body.length === 0) throw new Problem('bad-json', 'The body is empty; send {"candles": …}, or CSV as text/csv.')
  if (!isUtf8(body)) throw new Problem('bad-json', 'The body is not UTF-8.')
  const { value, submission } = readJson(body)
  const { candles, ...asked } = check(bodySchema, value, inBody)
  return { ...asked, submission: submission ?? parseCandles(candles), store }
}

/** The body as a value, and its candles when they could be read without making one of them. */
function readJson(body: Buffer): { value: unknown; submission?: Submission } {
  const cut = cutColumns(body)
  if (cut === undefined) return { value: parseJson(decode(body)) }
  try {
    return { value: parseJson(cut.rest), submission: cut.submission }
  } catch {
    // Something is wrong beside the candles; only the whole text tells where.
    return { value: parseJson(decode(body)) }
  }
}

function check<Schema extends typeof targetSchema>(schema: Schema, value: unknown, pointer: Pointer): z.output<Schema> {
  // Before zod, which looks at every one of a million names.
  const named = (value as { models?: unknown } | null)?.models
  if (Array.isArray(named) && named.length > maxModels)
    throw invalidAt(pointer(['models']), `at most ${maxModels} models can be asked at once`)
  const result = schema.safeParse(value, { error: inWords })
  if (!result.success) throw invalid(result.error, schema, pointer)
  const { model, models } = result.data
  if (model !== undefined && models !== undefined) throw invalidAt(pointer(['models']), 'give either model or models, not both')
  return result.data
}

type Pointer = (path: readonly PropertyKey[]) => string

const inQuery: Pointer = (path) => path.map(String).join('/')

/** A JSON pointer, RFC 6901. */
const inBody: Pointer = (path) => path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

function refuseEncodings(contentType: string, contentEncoding: string | undefined): void {
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity') {
    throw unsupportedMediaType('Content-Encoding is not supported')
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase()
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset)) {
    throw unsupportedMediaType(`The charset ${charset.slice(0, 40)} is not supported`)
  }
}

function mediaType(contentType: string): string {
  return contentType.split(';', 1)[0]!.trim().toLowerCase()
}

/** UTF-8 to text, without the byte order mark that some programs write. */
function decode(body: Buffer): string {
  const from = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0
  return body.toString('utf8', from)
}
