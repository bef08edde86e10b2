import { z } from 'zod'
import { parseTime, whyNoTime } from '../candles/parse-time.js'
import { parseTimeframe, timeframes } from '../candles/timeframe.js'

/** A query parameter: text, given once (twice arrives as a list). */
const text = () => z.string({ error: ({ input }) => (input === undefined ? 'is missing' : 'give it once') })

const bounded = (most: number) => text().min(1, 'is empty').max(most, `is longer than ${most} characters`)

/** Kinds of query parameters that several routes have; every one is required until the route says otherwise. */
export const parameter = {
  text,
  bounded,
  symbol: (of: string) => bounded(64).describe(of),
  name: (of: string) => bounded(100).describe(of),
  /** Epoch milliseconds inside. */
  time: (of: string) =>
    text()
      .max(64, 'is longer than 64 characters')
      .transform((value, context) => {
        const ms = parseTime(value)
        if (!Number.isNaN(ms)) return ms
        context.addIssue(`${whyNoTime(value)} (a + in a URL is written %2B)`)
        return z.NEVER
      })
      .meta({ description: `${of}: epoch milliseconds, ISO 8601, or YYYY-MM-DD HH:MM:SS; without an offset UTC.` }),
  timeframe: () =>
    text()
      .transform((value, context) => {
        const known = parseTimeframe(value)
        if (known !== undefined) return known
        context.addIssue(`one of ${timeframes.join(', ')} is expected`)
        return z.NEVER
      })
      .meta({ enum: [...timeframes], description: 'Length of one bar; case does not matter.' }),
  /** A whole number from 1 to `most`. */
  count: (of: string, most: number, otherwise: number) =>
    text()
      .refine((value) => /^\d{1,9}$/.test(value) && Number(value) >= 1 && Number(value) <= most, `1 to ${most} is expected`)
      .transform(Number)
      .default(otherwise)
      .meta({ type: 'integer', minimum: 1, maximum: most, description: `${of}, 1 to ${most}; ${otherwise} when not given.` }),
  /** Names with commas or repeated. */
  names: (of: string) =>
    z
      .union([z.string(), z.array(z.string())])
      .transform((value) => [value].flat().flatMap((part) => part.split(',')))
      .meta({ type: 'array', items: { type: 'string' }, anyOf: undefined, description: of }),
  /** The newest closed bar; a range is written from= and to=. */
  lastBar: (of: string) => z.enum(['last'], { error: 'last is expected, once; a range is written from= and to=' }).describe(of),
  flag: () => z.enum(['true', 'false'], { error: 'true or false is expected, once' }).transform((value) => value === 'true'),
  order: (of: string, otherwise: 'asc' | 'desc') =>
    z.enum(['desc', 'asc'], { error: 'asc or desc is expected, once' }).describe(of).default(otherwise),
  cursor: () =>
    text()
      .min(1, 'is empty; leave it out for the first page')
      .max(512, 'is none that was given out; use next_cursor of the page before')
      .describe('Where the page before ended, its next_cursor.'),
} as const
