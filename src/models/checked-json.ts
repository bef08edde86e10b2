import type { z } from 'zod'
import { inWords } from '../in-words.js'
import { jsonPointer } from '../json-pointer.js'
import { Refused } from './refused.js'

/**
 * JSON that describes a model, checked against a schema.
 * @param file its name, for the message
 * @throws Refused `bad-manifest`, every problem at once
 */
export function checkedJson<Schema extends z.ZodType>(json: unknown, schema: Schema, file: string): z.output<Schema> {
  const parsed = schema.safeParse(json, { error: inWords })
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.slice(0, 20).map(({ path, message }) => ({ pointer: jsonPointer(path), detail: message }))
  const detail = errors.map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer}: ${detail}`)).join('; ')
  throw new Refused('bad-manifest', `${file}: ${detail}`, { errors })
}
