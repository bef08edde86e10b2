import { z } from 'zod'
import { parameter } from '../http/query-parameters.js'

/** Query of GET /predictions/series. */
export const seriesQuerySchema = z.strictObject({
  model: parameter.name('Name of the model.'),
  symbol: parameter.symbol("Market; default: the model's.").optional(),
  timeframe: parameter.timeframe().optional(),
  from: parameter.time('Oldest open time of a bar, inclusive; default: so that `limit` bars fit').optional(),
  to: parameter.time('Newest open time of a bar, inclusive; default, and at most: the newest bar that has closed').optional(),
  order: parameter.order('By bar time: oldest first (asc) or newest first (desc).', 'asc'),
  limit: parameter.count('Rows per page', 10_000, 1_000),
  cursor: parameter.cursor().optional(),
})
