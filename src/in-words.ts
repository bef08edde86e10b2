import type { z } from 'zod'
import { nearestName } from './nearest-name.js'

/** What zod found wrong, in our words; handed to `safeParse` as `error`. A schema's own message goes before. Undefined: zod's words. */
export const inWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      return `${kinds[issue.expected] ?? issue.expected} is expected`
    case 'invalid_value':
      return `${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')} is expected`
    case 'unrecognized_keys':
      return `there is no such key: ${issue.keys
        .slice(0, 20)
        .map((key) => JSON.stringify(key.slice(0, 80)))
        .join(', ')}`
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', Number(issue.minimum))
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', Number(issue.maximum))
    case 'invalid_union':
      return byDiscriminator(issue.input, issue)
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return undefined
  }
}

/** Of objects that one of their members tells apart, when that member is missing or none of those known. */
function byDiscriminator(
  input: unknown,
  { discriminator, options }: { discriminator?: string | undefined; options?: unknown },
): string | undefined {
  if (discriminator === undefined || !Array.isArray(options)) return undefined
  const known = options.map(String)
  const expected = `${known.length > 1 ? 'one of ' : ''}${known.join(', ')} is expected`
  const given = (input as Record<string, unknown> | null)?.[discriminator]
  if (given === undefined) return `is missing; ${expected}`
  const nearest = typeof given === 'string' ? nearestName(given.slice(0, 80), known) : null
  return nearest === null ? expected : `${expected}; did you mean ${nearest}?`
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

function bound(origin: string, side: string, limit: number): string {
  if (origin === 'string') return side === 'at least' && limit === 1 ? 'is empty' : `${side} ${limit} characters are expected`
  if (origin === 'array') return side === 'at least' && limit === 1 ? 'is empty' : `${side} ${limit} entries are expected`
  return `a number of ${side} ${limit} is expected`
}
