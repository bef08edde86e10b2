import type { FastifySchemaCompiler } from 'fastify'
import { z } from 'zod'
import { Problem } from '../errors.js'
import { inWords } from '../in-words.js'
import { nearestName } from '../nearest-name.js'
import { shorten } from '../shorten.js'

/** Answers that are remembered per route: pollers and callers of `POST /predict` bring the same few queries again and again. */
const maxRemembered = 50
const maxRememberedLength = 500

/**
 * Checks paths and query strings with zod. Bodies pass: a handler that takes one reads its bytes itself, because zod would
 * walk thousands of candles. What was right before is not looked at again; handlers get one frozen object for equal queries.
 */
export const validatorCompiler: FastifySchemaCompiler<unknown> = ({ schema, httpPart }) => {
  if (httpPart === 'body' || !(schema instanceof z.ZodType)) return (value: unknown) => ({ value })
  const remembered = new Map<string, { value: unknown }>()
  return (value) => {
    const key = JSON.stringify(value)
    const known = remembered.get(key)
    if (known !== undefined) return known
    const result = schema.safeParse(value, { error: inWords })
    if (!result.success) return { error: invalid(result.error, schema, queryPointer) }
    const checked = { value: Object.freeze(result.data) }
    if (key.length > maxRememberedLength) return checked
    if (remembered.size === maxRemembered) remembered.clear()
    remembered.set(key, checked)
    return checked
  }
}

/** A place in a query string: the parameter's name, or that of one of several values. */
export function queryPointer(path: readonly PropertyKey[]): string {
  return path.map(String).join('/')
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
