import type { z } from 'zod'
import { inWords } from '../in-words.js'
import { jsonPointer } from '../json-pointer.js'
import { invalid } from './validator-compiler.js'

/**
 * A value as its schema wants it.
 * @param pointer how a place in it is written: a JSON pointer unless something else is given
 * @throws Problem `invalid-request` that names every place
 */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  pointer: (path: readonly PropertyKey[]) => string = jsonPointer,
): z.output<Schema> {
  const result = schema.safeParse(value, { error: inWords })
  if (!result.success) throw invalid(result.error, schema, pointer)
  return result.data
}
