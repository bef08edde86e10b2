import { z } from 'zod'
import { timeframes } from '../candles/timeframe.js'

const time = (of: string) => z.string().describe(`${of}; ISO 8601, UTC, milliseconds.`)
const count = (of: string) => z.int().min(0).describe(`${of}, count.`)
const symbol = z.string().describe('Market, such as BTCUSDT.')
const timeframe = z.enum(timeframes as [string, ...string[]]).describe('Length of one bar.')
const cursor = z.string().nullable().describe('Send it as `cursor` for the next page; null on the last one.')

/** Answer of POST /candles. */
export const keptCandlesSchema = z.strictObject({
  symbol,
  timeframe,
  submitted: count('Bars sent'),
  added: count('Bars that were not stored before'),
  known: count('Bars that were stored already, with the same values'),
  revised: count('Bars that were stored with other values: the old ones are kept, the new ones are current'),
  unfinished_dropped: count("Bars dropped because they were still open at the server's clock"),
  first: z.string().nullable().describe('Open of the oldest closed bar sent; ISO 8601, UTC, milliseconds; null: none has closed.'),
  last: z.string().nullable().describe('Open of the newest closed bar sent; ISO 8601, UTC, milliseconds; null: none has closed.'),
})

const column = (of: string) => z.array(z.number()).describe(of)

/** Answer of GET /candles. */
export const candlePageSchema = z.strictObject({
  symbol,
  timeframe,
  candles: z
    .strictObject({
      timestamp: z.array(z.string()).describe('Open of each bar; ISO 8601, UTC, milliseconds.'),
      open: column('First price; in the unit of the market.'),
      high: column('Highest price; in the unit of the market.'),
      low: column('Lowest price; in the unit of the market.'),
      close: column('Last price; in the unit of the market.'),
      volume: column('Traded volume; in the unit in which it was sent.'),
    })
    .describe('Columns of equal length, in the order asked for. POST /predict and POST /candles take them as they are.'),
  next_cursor: cursor,
})

/** Answer of GET /candles/coverage. */
export const coverageSchema = z.strictObject({
  coverage: z
    .array(
      z.strictObject({
        symbol,
        timeframe,
        first: time('Open of the oldest bar'),
        last: time('Open of the newest bar'),
        bars: count('Bars stored'),
        missing: count('Bars missing between the first and the last'),
        gaps: z
          .array(
            z.strictObject({
              from: time('Open of the first missing bar'),
              to: time('Open of the last missing bar'),
              bars: count('Bars missing here'),
            }),
          )
          .describe('Where bars are missing between the first and the last, oldest first.'),
      }),
    )
    .describe('One entry per symbol and timeframe, by symbol.'),
})

const bar = (of: string) =>
  z
    .strictObject({
      open: z.number().describe('First price; in the unit of the market.'),
      high: z.number().describe('Highest price; in the unit of the market.'),
      low: z.number().describe('Lowest price; in the unit of the market.'),
      close: z.number().describe('Last price; in the unit of the market.'),
      volume: z.number().describe('Traded volume; in the unit in which it was sent.'),
    })
    .describe(of)

/** Answer of GET /candles/revisions. */
export const revisionPageSchema = z.strictObject({
  revisions: z
    .array(
      z.strictObject({
        symbol,
        timeframe,
        open_time: time('Open of the bar'),
        old: bar('What it was before.'),
        new: bar('What it was from then on.'),
        recorded_at: time('When the new values came'),
        predictions: z
          .strictObject({
            count: count('Predictions that had used the old values, superseded ones too'),
            ids: z.array(z.string()).describe('Ids of the first 100 of them, by bar time.'),
          })
          .describe('Predictions whose window holds the bar, made while the old values were current.'),
      }),
    )
    .describe('Newest first.'),
  next_cursor: cursor,
})

export type CandlePage = z.output<typeof candlePageSchema>
export type CoverageAnswer = z.output<typeof coverageSchema>
export type RevisionPage = z.output<typeof revisionPageSchema>
