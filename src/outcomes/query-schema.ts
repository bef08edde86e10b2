import { z } from 'zod'
import { parameter } from '../http/query-parameters.js'
import { assignModes } from './bins.js'
import { parseWindow } from './window.js'

const { text, name, symbol, time, timeframe, count } = parameter

const which = {
  model: name('Only this model.').optional(),
  symbol: symbol('Only this market.').optional(),
  timeframe: timeframe().optional(),
  from: time('Oldest open time of a bar, inclusive').optional(),
  to: time('Newest open time of a bar, inclusive').optional(),
}

/** Query of GET /performance. */
export const performanceQuerySchema = z.strictObject({
  ...which,
  window: text()
    .refine((value) => parseWindow(value) !== undefined, 'a number of predictions (500) or a time (720h, 30d, 4w) is expected')
    .default('500')
    .describe('Window of the rolling scores: so many settled predictions, or so much time with h, d or w; 500 when not given.'),
})

/** Query of GET /performance/bins. */
export const binsQuerySchema = z.strictObject({
  ...which,
  model: name('The model.'),
  bins: count('How many bins', 1_000, 10),
  reference_from: time(
    'Oldest bar of the predictions that the bins are made of, inclusive; without this and `reference_to` they are those that are binned',
  ).optional(),
  reference_to: time('Newest bar of the predictions that the bins are made of, inclusive').optional(),
  class: name(
    'Class whose probability is binned: its index from 0, or its name while the model is there to know it; a whole number is an index. The last one when not given.',
  ).optional(),
  assign: text()
    .max(10_000, 'is longer than 10000 characters')
    .transform((value, context) => {
      const values = value.split(',').map(parseNumber)
      if (!values.includes(undefined)) return values as number[]
      context.addIssue('numbers with commas between are expected')
      return z.NEVER
    })
    .meta({ type: 'string', description: 'Values to find the bins of, with commas between; inf, -inf and nan are numbers here.' })
    .optional(),
  mode: z
    .enum(assignModes, { error: `one of ${assignModes.join(', ')} is expected, once` })
    .describe('What happens to values of `assign` outside the bins: clip, the nearest bin; ignore, −1; error, the request is refused.')
    .default('clip'),
})

/** Query of GET /performance/promotion. */
export const promotionQuerySchema = z.strictObject({
  champion: name('The model that is asked now.'),
  challenger: name('The model that might be asked in its place.'),
  symbol: symbol('The market; needed when both predict several.').optional(),
  timeframe: timeframe().optional(),
  to: time('Newest open time of a bar that counts, inclusive').optional(),
  hours: count('Length of the comparison, hours', 8_784, 24),
  min_improvement: text()
    .max(32, 'is longer than 32 characters')
    .transform(parseNumber)
    .refine((value) => value !== undefined && value >= 0 && value < 1, 'a number from 0 up to, not including, 1 is expected')
    .transform((value) => value as number)
    .default(0.005)
    .meta({
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      maxLength: undefined,
      description:
        'By how much the hit rate of the challenger must be higher, as a fraction; 0.005, half a percentage point, when not given.',
    }),
  min_bars: text()
    .refine((value) => /^[1-9]\d{0,5}$/.test(value), '1 to 999999 is expected')
    .transform(Number)
    .meta({
      type: 'integer',
      minimum: 1,
      maximum: 999_999,
      description: 'Settled bars in common that are needed; half of those that fit into `hours` when not given.',
    })
    .optional(),
})

function parseNumber(text: string): number | undefined {
  const known = { inf: Infinity, '-inf': -Infinity, nan: Number.NaN }[text.trim().toLowerCase()]
  if (known !== undefined) return known
  const value = Number(text)
  return text.trim() === '' || Number.isNaN(value) ? undefined : value
}
