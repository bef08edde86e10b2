import { z } from 'zod'
import { parameter } from '../http/query-parameters.js'

const { bounded, name, text, time } = parameter

const wholeNumber = (of: string) =>
  text()
    .regex(/^\d{1,6}$/, 'a whole number is expected')
    .transform(Number)
    .meta({ type: 'integer', description: of })

/** Query of POST /features, for CSV. */
export const computeQuerySchema = z.strictObject({
  symbol: bounded(64).describe('With text/csv: the market.').optional(),
  timeframe: bounded(8).describe('With text/csv: the length of one bar.').optional(),
  catalogue: name('With text/csv: the catalogue that computes them; multi-timeframe when not given.').optional(),
  names: parameter.names('With text/csv: features, with commas or repeated; all when not given.').optional(),
  bars: parameter.lastBar('With text/csv: the newest closed bar, which is the default.').optional(),
  from: time('With text/csv: first open time of the bars, inclusive').optional(),
  to: time('With text/csv: last open time of the bars, inclusive').optional(),
  base_bars: wholeNumber('With text/csv: length of the lookback, bars; 720 when not given.').optional(),
  buffer_bars: wholeNumber('With text/csv: bars before it; 6 when not given.').optional(),
})

export type ComputeQuery = z.output<typeof computeQuerySchema>

/** Query of GET /features. */
export const rowsQuerySchema = z.strictObject({
  feature_key: name('What the values are kept under; needed when there are several. A + may be written as it is, or as %2B.').optional(),
  symbol: parameter.symbol('Market; needed when there are several.').optional(),
  timeframe: parameter.timeframe().optional(),
  from: time('Oldest open time of a bar, inclusive').optional(),
  to: time('Newest open time of a bar, inclusive').optional(),
  order: parameter.order('By bar time: oldest first (asc) or newest first (desc).', 'asc'),
  limit: parameter.count('Bars per page', 10_000, 100),
  cursor: parameter.cursor().optional(),
})
