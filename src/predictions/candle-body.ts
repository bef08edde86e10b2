import { isUtf8 } from 'node:buffer'
import { cutColumns } from '../candles/cut-columns.js'
import { parseCsv } from '../candles/parse-csv.js'
import type { Submission } from '../candles/submission.js'
import { Problem } from '../errors.js'
import { decodeUtf8 } from '../http/decode-utf8.js'
import { refuseEncodings } from '../http/refuse-encodings.js'
import type { CutFeatures } from './cut-features.js'
import type { FeatureRows } from './feature-rows.js'
import { parseJson } from './parse-json.js'

const accepted = ['application/json', 'text/csv']

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
  if (!isPlainJson) refuseEncodings(contentType, contentEncoding, accepted)
  if (!isPlainJson && mediaType(contentType) === 'text/csv') {
    if (!isUtf8(body)) throw new Problem('invalid-request', 'The CSV is not UTF-8.')
    return { format: 'csv', submission: parseCsv(decodeUtf8(body)) }
  }
  if (body.length === 0) throw new Problem('bad-json', 'The body is empty; send {"candles": …}, or CSV as text/csv.')
  if (!isUtf8(body)) throw new Problem('bad-json', 'The body is not UTF-8.')
  return { format: 'json', ...readJson(body, cutFeatures) }
}

function readJson(body: Buffer, cutFeatures: CutFeatures | undefined): Omit<CandleBody & { format: 'json' }, 'format'> {
  const cut = cutFeatures?.(body) ?? cutColumns(body)
  if (cut === undefined) return { value: parseJson(decodeUtf8(body)) }
  const { rest, ...read } = cut
  try {
    return { value: parseJson(rest), ...read }
  } catch {
    // Something is wrong beside them; only the whole text tells where.
    return { value: parseJson(decodeUtf8(body)) }
  }
}

function mediaType(contentType: string): string {
  return contentType.split(';', 1)[0]!.trim().toLowerCase()
}
