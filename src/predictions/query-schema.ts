import { z } from 'zod'
import { parseTime, whyNoTime } from '../candles/parse-time.js'
import { parseTimeframe, timeframes } from '../candles/timeframe.js'
import { origins } from '../store/store.js'

/** A query parameter: text, given once (twice arrives as a list). */
const text = () => z.string({ error: 'give it once' })

const bounded = (most: number) => text().min(1, 'is empty').max(most, `is longer than ${most} characters`)

const name = (of: string) => bounded(100).describe(of)

const time = (of: string) =>
  text()
    .max(64, 'is longer than 64 characters')
    .transform((value, context) => {
      const ms = parseTime(value)
      if (!Number.isNaN(ms)) return ms
      context.addIssue(`${whyNoTime(value)} (a + in a URL is written %2B)`)
      return z.NEVER
    })
    .meta({ description: `${of}: epoch milliseconds, ISO 8601, or YYYY-MM-DD HH:MM:SS; without an offset UTC.` })

const timeframe = text()
  .transform((value, context) => {
    const known = parseTimeframe(value)
    if (known !== undefined) return known
    context.addIssue(`one of ${timeframes.join(', ')} is expected`)
    return z.NEVER
  })
  .meta({ enum: [...timeframes], description: 'Length of one bar; case does not matter.' })

const maxPageRows = 10_000

const limit = text()
  .refine((value) => /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= maxPageRows, `1 to ${maxPageRows} is expected`)
  .transform(Number)

/** Query of GET /predictions. */
export const listQuerySchema = z.strictObject({
  symbol: bounded(64).describe('Only this market.').optional(),
  timeframe: timeframe.optional(),
  model: name('Only this model.').optional(),
  from: time('Oldest open time of a bar, inclusive').optional(),
  to: time('Newest open time of a bar, inclusive').optional(),
  origin: z
    .enum(origins, { error: `one of ${origins.join(', ')} is expected, once` })
    .describe('Only predictions made this way.')
    .optional(),
  order: z
    .enum(['desc', 'asc'], { error: 'asc or desc is expected, once' })
    .describe('By bar time: newest first (desc) or oldest first (asc).')
    .default('desc'),
  limit: limit.default(100).meta({
    type: 'integer',
    minimum: 1,
    maximum: maxPageRows,
    description: `Predictions per page, 1 to ${maxPageRows}; 100 when not given.`,
  }),
  cursor: text()
    .min(1, 'is empty; leave it out for the first page')
    .max(512, 'is none that was given out; use next_cursor of the page before')
    .describe('Where the page before ended, its next_cursor.')
    .optional(),
  history: z
    .enum(['current', 'all'], { error: 'current or all is expected, once' })
    .describe('current: only predictions that no newer one superseded; all: those too.')
    .default('current'),
})

export type ListQuery = z.output<typeof listQuerySchema>

/** Query of POST /predict. With a JSON body only `store` may be given. */
export const predictQuerySchema = z.strictObject({
  store: z
    .enum(['true', 'false'], { error: 'true or false is expected, once' })
    .transform((value) => value === 'true')
    .default(true)
    .meta({ description: 'false: answer without storing; true when not given.' }),
  model: name('With text/csv: the model to ask.').optional(),
  models: z
    .union([z.string(), z.array(z.string())])
    .transform((value) => [value].flat().flatMap((part) => part.split(',')))
    .meta({
      type: 'array',
      items: { type: 'string' },
      anyOf: undefined,
      description: 'With text/csv: several models, with commas or repeated.',
    })
    .optional(),
  symbol: bounded(64).describe('With text/csv: the market.').optional(),
  timeframe: bounded(8).describe('With text/csv: the length of one bar.').optional(),
})

export type PredictQuery = z.output<typeof predictQuerySchema>
