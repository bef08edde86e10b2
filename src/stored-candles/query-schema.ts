import { z } from 'zod'
import { parameter } from '../http/query-parameters.js'

/** Most bars per page: more than five years of hours. */
const maxBars = 50_000
const maxRevisions = 1_000

const from = () => parameter.time('Oldest open time of a bar, inclusive').optional()
const to = () => parameter.time('Newest open time of a bar, inclusive').optional()

/** Query of POST /candles. */
export const keepQuerySchema = z.strictObject({
  symbol: parameter.symbol('With text/csv: the market.').optional(),
  timeframe: parameter.bounded(8).describe('With text/csv: the length of one bar.').optional(),
})

/** Query of GET /candles. */
export const candlesQuerySchema = z.strictObject({
  symbol: parameter.symbol('Market, such as BTCUSDT.'),
  timeframe: parameter.timeframe(),
  from: from(),
  to: to(),
  order: parameter.order('By open time: oldest first (asc) or newest first (desc).', 'asc'),
  limit: parameter.count('Bars per page', maxBars, maxBars),
  cursor: parameter.cursor().optional(),
})

/** Query of GET /candles/coverage. */
export const coverageQuerySchema = z.strictObject({
  symbol: parameter.symbol('Only this market.').optional(),
  timeframe: parameter.timeframe().optional(),
})

/** Query of GET /candles/revisions. */
export const revisionsQuerySchema = z.strictObject({
  symbol: parameter.symbol('Only this market.').optional(),
  timeframe: parameter.timeframe().optional(),
  from: from(),
  to: to(),
  limit: parameter.count('Revisions per page', maxRevisions, 100),
  cursor: parameter.cursor().optional(),
})
