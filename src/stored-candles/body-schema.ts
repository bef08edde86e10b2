import { z } from 'zod'
import { candlesSchema, targetSchema } from '../predictions/body-schema.js'

const { symbol, timeframe } = targetSchema.shape

/** The fields of POST /candles beside the candles, in a JSON body or in the query of a CSV. */
export const seriesSchema = z.strictObject({
  symbol: symbol.unwrap().describe('Market of the candles.'),
  timeframe: timeframe.unwrap().describe('Length of one bar. Case does not matter.'),
})

/** JSON body of POST /candles. */
export const candlesBodySchema = seriesSchema.extend({ candles: candlesSchema })
