import type { FastifySchemaCompiler } from 'fastify'
import { z } from 'zod'
import { Problem } from '../errors.js'
import { inWords } from '../in-words.js'
import { nearestName } from '../nearest-name.js'
import { shorten } from '../shorten.js'

/**
 * Checks paths and query strings with zod. Bodies pass: a handler that takes one reads its bytes itself, because zod would
 * walk thousands of candles.
 */
export const validatorCompiler: FastifySchemaCompiler<unknown> = ({ schema, httpPart }) => {
  if (httpPart === 'body' || !(schema instanceof z.ZodType)) return (value: unknown) => ({ value })
  return (value) => {
    const result = schema.safeParse(value, { error: inWords })
    return result.success ? { value: result.data } : { error: invalid(result.error, schema, (path) => path.join('/')) }
  }
}

/**
 * Everything that zod found wrong as one `invalid-request`.
 * @param schema the object that was expected: its names are offered where an unknown one came
 * @param pointer how a place is written: a JSON pointer into a body, the name of a query parameter
 */
export function invalid(error: z.ZodError, schema: unknown, pointer: (path: readonly PropertyKey[]) => string): Problem {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  const errors = error.issues.slice(0, 20).flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ pointer: pointer(issue.path), detail: issue.message }]
    return issue.keys.slice(0, 20).map((name) => {
      const key = shorten(name)
      const nearest = nearestName(key, known)
      const all = known.length === 0 ? 'none is known' : `known: ${known.join(', ')}`
      const hint = nearest === null ? `; ${all}` : `; did you mean ${nearest}?`
      return { pointer: pointer([...issue.path, key]), detail: `there is no such name here${hint}`, nearest }
    })
  })
  const detail = errors.map((each) => (each.pointer === '' ? each.detail : `${each.pointer}: ${each.detail}`)).join('. ')
  return new Problem('invalid-request', detail, { errors }, { cause: error })
}
