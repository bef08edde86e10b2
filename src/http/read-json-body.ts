import { isUtf8 } from 'node:buffer'
import type { z } from 'zod'
import { Problem } from '../errors.js'
import { parseJson } from '../predictions/parse-json.js'
import { checked } from './checked.js'
import { decodeUtf8 } from './decode-utf8.js'
import { refuseEncodings } from './refuse-encodings.js'
import { unsupportedMediaType } from './to-problem.js'

const accepted = ['application/json']

/**
 * A small JSON body as its schema wants it. No body at all is an empty object.
 * @throws Problem `bad-json`, `invalid-request` with JSON pointers, `unsupported-media-type`
 */
export function readJsonBody<Schema extends z.ZodType>(request: JsonRequest, schema: Schema): z.output<Schema> {
  const { body, headers } = request
  const bytes = (body as Buffer | undefined) ?? Buffer.alloc(0)
  const contentType = headers['content-type'] ?? 'application/json'
  if (!/^\s*application\/json\s*(;|$)/i.test(contentType)) throw unsupportedMediaType('Content-Type is not application/json', accepted)
  refuseEncodings(contentType, headers['content-encoding'], accepted)
  if (!isUtf8(bytes)) throw new Problem('bad-json', 'The body is not UTF-8.')
  return checked(schema, bytes.length === 0 ? {} : parseJson(decodeUtf8(bytes)))
}

export interface JsonRequest {
  readonly body: unknown
  readonly headers: { readonly 'content-type'?: string | undefined; readonly 'content-encoding'?: string | undefined }
}
