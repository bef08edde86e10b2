import { z } from 'zod'
import { timeframes } from '../candles/timeframe.js'
import { predictionSchema } from '../predictions/schema.js'
import { reasons } from './explain.js'

/** One bar of the grid. */
export const seriesRowSchema = z.strictObject({
  bar_time: z.string().describe('Open of the bar; ISO 8601, UTC, milliseconds.'),
  prediction: predictionSchema.nullable().describe('The current prediction of this bar; null: there is none.'),
  reason: z
    .enum(reasons)
    .nullable()
    .describe(
      'Why there is none; null when there is one. not-asked: the service ran, the model was served, the candles are stored, and nobody asked.',
    ),
  detail: z.string().nullable().describe('The reason in one sentence.'),
})

/** Answer of GET /predictions/series. */
export const seriesPageSchema = z.strictObject({
  model: z.string().describe("Name of the model's folder."),
  symbol: z.string().describe('Market, such as BTCUSDT.'),
  timeframe: z.enum(timeframes as [string, ...string[]]).describe('Length of one bar.'),
  rows: z.array(seriesRowSchema).describe('One per bar that has closed, in the order asked for.'),
  next_cursor: z.string().nullable().describe('Send it as `cursor` for the next page; null on the last one.'),
})

export type SeriesAnswer = z.output<typeof seriesPageSchema>
export type SeriesRowAnswer = z.output<typeof seriesRowSchema>
