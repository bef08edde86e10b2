import { z } from 'zod'
import { timeframes } from '../candles/timeframe.js'
import { failureReasons } from './failure.js'

const time = (about: string) => z.iso.datetime({ precision: 3 }).nullable().describe(about)

/** The part of GET /readyz that shows what is followed. */
export const followingSchema = z.strictObject({
  series: z
    .array(
      z.strictObject({
        symbol: z.string().describe('Market.'),
        timeframe: z.enum(timeframes as [string, ...string[]]).describe('Length of one bar.'),
        source: z.string().describe('Kind of the source and where it is: host, file or table.'),
        state: z
          .enum(['waiting', 'looking', 'retrying', 'stopped'])
          .describe('waiting: for the next bar to close; looking: at the source; retrying: after an error, or for a bar that is late.'),
        newest_bar: time('Open time of the newest bar that was fetched; null before the first.'),
        expected_bar: z.iso.datetime({ precision: 3 }).describe('Open time of the newest bar that has closed.'),
        missing_bars: z.int().min(0).nullable().describe('Closed bars that are not there yet, count; null before the first fetch.'),
        last_success: time('When the source was last read and everything that came was stored and predicted.'),
        last_error: z
          .strictObject({
            time: z.iso.datetime({ precision: 3 }).describe('When it happened.'),
            reason: z.enum(failureReasons).describe('Kind of the error.'),
            detail: z.string().describe('The error, in words.'),
          })
          .nullable()
          .describe('The last error since the start, also when it is over.'),
        next_attempt: time('When the source is looked at next.'),
      }),
    )
    .describe('What is followed.'),
})

export type FollowingAnswer = z.output<typeof followingSchema>
