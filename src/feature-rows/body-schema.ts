import { z } from 'zod'
import { barsSchema, candlesSchema, seriesFields } from '../predictions/body-schema.js'
import { maxColumnName, maxColumns } from '../predictions/parse-features.js'

const bars = (least: number) => z.int().min(least).max(100_000)

/** The fields of POST /features beside the candles, in a JSON body or in the query of a CSV. */
export const computeFieldsSchema = z.strictObject({
  symbol: seriesFields.symbol.describe('Market whose stored candles are used when none are sent.').optional(),
  timeframe: seriesFields.timeframe
    .describe("Length of one bar; default: the catalogue's when it has one. Case does not matter.")
    .optional(),
  catalogue: z.string().min(1).max(100).describe('Catalogue that computes them.').default('multi-timeframe'),
  names: z
    .array(z.string().min(1).max(maxColumnName))
    .min(1)
    .max(maxColumns)
    .refine((names) => new Set(names).size === names.length, 'each feature may be named once')
    .describe('Features, in the order of the answer; default: all of the catalogue.')
    .optional(),
  base_bars: bars(1).describe('Length of the lookback that features see, bars.').default(720),
  buffer_bars: bars(0).describe('Bars before it, for the first row of longer timeframes.').default(6),
})

/** JSON body of POST /features. */
export const computeBodySchema = computeFieldsSchema.extend({
  candles: candlesSchema.optional(),
  bars: barsSchema.optional(),
})
