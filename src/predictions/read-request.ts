import { isUtf8 } from 'node:buffer'
import type { z } from 'zod'
import { cutColumns } from '../candles/cut-columns.js'
import { parseCsv } from '../candles/parse-csv.js'
import { parseCandles } from '../candles/parse.js'
import type { Submission } from '../candles/submission.js'
import { invalidAt, Problem } from '../errors.js'
import { unsupportedMediaType } from '../http/to-problem.js'
import { invalid } from '../http/validator-compiler.js'
import { bodySchema, targetSchema } from './body-schema.js'
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
  if (body.length === 0) throw new Problem('bad-json', 'The body is empty; send {"candles": …}, or CSV as text/csv.')
  const { store, ...target } = query
  if (mediaType(contentType) === 'text/csv') {
    if (!isUtf8(body)) throw new Problem('invalid-request', 'The CSV is not UTF-8.')
    return { ...check(targetSchema, target, ''), submission: parseCsv(decode(body)), store }
  }
  const misplaced = Object.keys(target)[0]
  if (misplaced !== undefined) throw invalidAt(misplaced, 'with a JSON body this belongs into the body, not into the query')
  if (!isUtf8(body)) throw new Problem('bad-json', 'The body is not UTF-8.')
  const { value, submission } = readJson(body)
  const { candles, ...asked } = check(bodySchema, value, '/')
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

function check<Schema extends typeof targetSchema>(schema: Schema, value: unknown, prefix: '' | '/'): z.output<Schema> {
  const result = schema.safeParse(value)
  if (!result.success) throw invalid(result.error, schema, (path) => prefix + path.map((part) => escape(String(part))).join('/'))
  const { model, models } = result.data
  if (model !== undefined && models !== undefined) throw invalidAt(`${prefix}models`, 'give either model or models, not both')
  return result.data
}

/** A name inside a JSON pointer, RFC 6901. */
function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

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
