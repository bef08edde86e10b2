import { z } from 'zod'
import { timeframes } from '../candles/timeframe.js'

const time = (of: string) => z.string().describe(`${of}; ISO 8601, UTC, milliseconds.`)
const timeframe = z.enum(timeframes as [string, ...string[]]).describe('Length of one bar.')
const cell = z.union([z.number(), z.enum(['inf', '-inf']), z.null()])

const table = {
  columns: z.array(z.string()).describe('Names of the features.'),
  rows: z
    .array(z.array(cell))
    .describe('Values, one list per bar, one value per column; NaN is null, the infinities are "inf" and "-inf".'),
  timestamps: z.array(time('Open of the bar')).describe('The bar of each row.'),
}

/** Answer of POST /features; can be sent to POST /predict as `features`. */
export const computedFeaturesSchema = z.strictObject({
  catalogue: z.string().describe('Catalogue that computed them.'),
  version: z.int().describe('Its version; rises when any value changes by a bit.'),
  base_bars: z.int().min(1).describe('Length of the lookback, bars.'),
  buffer_bars: z.int().min(0).describe('Bars before it.'),
  ...table,
  skipped: z
    .array(
      z.strictObject({
        bar_time: time('Open of the bar'),
        code: z.enum(['gap', 'not-enough-history']).describe('What its window lacks.'),
        detail: z.string().describe('What its window lacks, in words.'),
      }),
    )
    .optional()
    .describe('Bars of a range without a whole window; absent when there are none.'),
})

/** Answer of GET /features; can be sent to POST /predict as `features`. */
export const storedFeaturesSchema = z.strictObject({
  feature_key: z.string().nullable().describe('What the values are kept under; null: nothing is.'),
  symbol: z.string().nullable().describe('Market.'),
  timeframe: z
    .enum(timeframes as [string, ...string[]])
    .nullable()
    .describe('Length of one bar; null where nothing is stored.'),
  ...table,
  next_cursor: z.string().nullable().describe('Send it as `cursor` for the next page; null on the last one.'),
})

/** Answer of GET /features/keys. */
export const featureKeysSchema = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        feature_key: z.string().describe('What the values are kept under.'),
        symbol: z.string().describe('Market.'),
        timeframe,
        bars: z.int().min(1).describe('Bars that have values, count.'),
        first: time('Open of the oldest of them'),
        last: time('Open of the newest'),
      }),
    )
    .describe('By key, then by symbol and timeframe.'),
})
