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
  class: text()
    .refine((value) => /^\d{1,3}$/.test(value), 'a class, from 0, is expected')
    .transform(Number)
    .meta({ type: 'integer', minimum: 0, maximum: 999, description: 'Class whose probability is binned; the last one when not given.' })
    .optional(),
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

function parseNumber(text: string): number | undefined {
  const known = { inf: Infinity, '-inf': -Infinity, nan: Number.NaN }[text.trim().toLowerCase()]
  if (known !== undefined) return known
  const value = Number(text)
  return text.trim() === '' || Number.isNaN(value) ? undefined : value
}
