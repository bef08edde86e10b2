import { isUtf8 } from 'node:buffer'
import { cutColumns } from '../candles/cut-columns.js'
import { parseCsv } from '../candles/parse-csv.js'
import type { Submission } from '../candles/submission.js'
import { Problem } from '../errors.js'
import { unsupportedMediaType } from '../http/to-problem.js'
import type { CutFeatures } from './cut-features.js'
import type { FeatureRows } from './feature-rows.js'
import { parseJson } from './parse-json.js'

export interface RawBody {
  /** Header Content-Type, of one of the two types that are routed here. */
  readonly contentType: string
  /** Header Content-Encoding. */
  readonly contentEncoding: string | undefined
  readonly body: Buffer
}

export type CandleBody =
  | { readonly format: 'csv'; readonly submission: Submission }
  /**
   * `submission`, `features`: the field `candles` or `features`, when it could be read without making a value of it; `value` has null in
   * its place then.
   */
  | { readonly format: 'json'; readonly value: unknown; readonly submission?: Submission; readonly features?: FeatureRows }

/**
 * A body with candles, out of its bytes: CSV, or JSON with the fields beside them still to be checked.
 * @param cutFeatures looks for features first
 * @throws Problem `bad-json`, `invalid-request`, `unsupported-media-type`
 */
export function readCandleBody({ contentType, contentEncoding, body }: RawBody, cutFeatures?: CutFeatures): CandleBody {
  // What nearly every request says needs no taking apart.
  const isPlainJson = contentType === 'application/json' && contentEncoding === undefined
  if (!isPlainJson) refuseEncodings(contentType, contentEncoding)
  if (!isPlainJson && mediaType(contentType) === 'text/csv') {
    if (!isUtf8(body)) throw new Problem('invalid-request', 'The CSV is not UTF-8.')
    return { format: 'csv', submission: parseCsv(decode(body)) }
  }
  if (body.length === 0) throw new Problem('bad-json', 'The body is empty; send {"candles": …}, or CSV as text/csv.')
  if (!isUtf8(body)) throw new Problem('bad-json', 'The body is not UTF-8.')
  return { format: 'json', ...readJson(body, cutFeatures) }
}

function readJson(body: Buffer, cutFeatures: CutFeatures | undefined): Omit<CandleBody & { format: 'json' }, 'format'> {
  const cut = cutFeatures?.(body) ?? cutColumns(body)
  if (cut === undefined) return { value: parseJson(decode(body)) }
  const { rest, ...read } = cut
  try {
    return { value: parseJson(rest), ...read }
  } catch {
    // Something is wrong beside them; only the whole text tells where.
    return { value: parseJson(decode(body)) }
  }
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
