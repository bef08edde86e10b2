import { z } from 'zod'
import { columns } from '../candles/column.js'
import { durationMs, parseTimeframe, timeframes } from '../candles/timeframe.js'
import { parseTime, whyNoTime } from '../candles/parse-time.js'
import { placeholders, secretName } from './placeholders.js'

const symbol = z.string().regex(/^[^\p{C}\p{Z}]{1,64}$/u, 'up to 64 characters without blanks are expected')
const path = z.string().min(1).max(4_096)
const milliseconds = (min: number, max: number) => z.int().min(min).max(max)

const timeframe = z.string().transform((text, context) => {
  const known = parseTimeframe(text)
  if (known !== undefined) return known
  context.addIssue(`one of ${timeframes.join(', ')} is expected`)
  return z.NEVER
})

const url = z
  .string()
  .min(1)
  .max(4_096)
  .superRefine((text, context) => {
    const unknown = placeholders(text).filter((name) => !(urlPlaceholders as readonly string[]).includes(name) && !secretName.test(name))
    for (const name of unknown) {
      context.addIssue(`there is no placeholder {${name}}; known are ${urlPlaceholders.map((known) => `{${known}}`).join(' ')}`)
    }
    const parsed = URL.parse(text.replaceAll(/\$?\{[^}]*\}/g, '1'))
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) context.addIssue('a URL that begins with http:// or https:// is expected')
    else if (parsed.username !== '' || parsed.password !== '') context.addIssue('credentials do not belong into the URL; use headers')
  })

/** What stands in braces in a URL and is filled in for every request. */
export const urlPlaceholders = ['symbol', 'interval', 'since', 'limit'] as const

const httpSource = z.strictObject({
  kind: z.literal('http').describe('A URL that answers with candles.'),
  url: url.describe(
    'With the placeholders {symbol}, {interval}, {since} (open time of the first bar wanted) and {limit}; ${BARCAST_SECRET_…} too.',
  ),
  headers: z
    .record(z.string(), z.string().max(4_096))
    .superRefine((headers, context) => {
      const names = Object.keys(headers)
      if (names.length > 50) context.addIssue('at most 50 headers are expected')
      for (const name of names.filter((name) => !/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(name))) {
        context.addIssue({ code: 'custom', path: [name], message: 'is no name of a header' })
      }
    })
    .describe('Headers of every request; ${BARCAST_SECRET_…} stands for that environment variable.')
    .default({}),
  symbol: symbol.describe('What {symbol} becomes; default: the symbol of the series.').optional(),
  interval: z.string().min(1).max(32).describe('What {interval} becomes; default: the timeframe, e.g. 1h.').optional(),
  limit: z.int().min(2).max(10_000).describe('What {limit} becomes: bars per answer.').default(1_000),
  timeout_ms: milliseconds(10, 300_000).describe('From the request to the last byte of the answer, milliseconds.').default(10_000),
  max_bytes: z.int().min(1_024).max(67_108_864).describe('Largest answer, bytes, unpacked.').default(8_388_608),
  shape: z.enum(['rows', 'records', 'columns']).describe('Layout of the candles; default: whichever of the three it is.').optional(),
  at: z
    .string()
    .max(200)
    .regex(/^(\/[^/]*)*$/, 'a JSON pointer such as /result/list is expected')
    .describe('JSON pointer to the candles in the answer; default: the whole of it.')
    .default(''),
  columns: z
    .array(z.string().min(1).max(64))
    .min(6)
    .max(50)
    .describe('Names of the cells of a row, in order; default: timestamp, open, high, low, close, volume.')
    .refine(
      (names) => columns.every((column) => names.filter((name) => name === column).length === 1),
      `each of ${columns.join(', ')} is expected once`,
    )
    .optional(),
  time_unit: z.enum(['ms', 's']).describe('Unit of {since} and of times that are numbers.').default('ms'),
})

const csvSource = z.strictObject({
  kind: z.literal('csv').describe('A CSV file to which lines are added.'),
  path: path.describe('File with a header, oldest bar first; relative to the folder of this file.'),
})

const duckdbSource = z.strictObject({
  kind: z.literal('duckdb').describe('A table of a DuckDB file, opened read-only for each look.'),
  path: path.describe('File; relative to the folder of this file.'),
  table: z
    .string()
    .regex(/^[A-Za-z_]\w{0,99}(\.[A-Za-z_]\w{0,99})?$/, 'the name of a table is expected, or schema.table')
    .describe('Table or view with the columns of a candle.'),
})

const seriesSchema = z
  .strictObject({
    symbol: symbol.describe('Market, as models and predictions name it.'),
    timeframe: timeframe.describe('Length of one bar.'),
    models: z
      .array(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'is no name of a model'))
      .min(1)
      .max(100)
      .refine((names) => new Set(names).size === names.length, 'each model may be named once')
      .describe('Models that predict; default: every served one that fits symbol and timeframe.')
      .optional(),
    source: z.discriminatedUnion('kind', [httpSource, csvSource, duckdbSource]).describe('Where the candles come from.'),
    delay_ms: milliseconds(0, 3_600_000)
      .describe('A bar counts as closed this long after its end by the clock of this machine, milliseconds.')
      .default(2_000),
    overlap_bars: z.int().min(1).max(1_000).describe('Known bars that are fetched again, so that revisions are seen.').default(5),
    lookback_bars: z
      .int()
      .min(1)
      .max(1_000_000)
      .describe('Bars of history that the first fetch brings at least; default: what the models need.')
      .optional(),
    start_bars: z.int().min(1).max(100_000).describe('Newest bars that a model predicts which has no prediction yet.').default(1),
    catch_up: z
      .enum(['last_from_predictions', 'last_bar'])
      .describe('After an outage: every bar since the last prediction, or the newest bar only.')
      .default('last_from_predictions'),
    retry: z
      .strictObject({
        first_ms: milliseconds(1, 3_600_000)
          .describe('Longest wait before the first retry, milliseconds; doubled for each further one.')
          .default(1_000),
        most_ms: milliseconds(1, 86_400_000).describe('Longest wait before any retry, milliseconds.').default(60_000),
      })
      .describe('Waits after a failure, or while the newest bar is not there yet; each is drawn at random from its upper half.')
      .prefault({}),
    unready_after_bars: z
      .int()
      .min(1)
      .max(1_000_000)
      .describe('Makes /readyz not ready while so many closed bars are missing; default: never.')
      .optional(),
  })
  .check(({ value, issues }) => {
    if (typeof value.timeframe === 'string' && value.delay_ms >= durationMs(value.timeframe)) {
      issues.push({
        code: 'custom',
        path: ['delay_ms'],
        message: `less than the ${value.timeframe} of a bar is expected`,
        input: value.delay_ms,
      })
    }
    if (value.retry.first_ms > value.retry.most_ms) {
      issues.push({ code: 'custom', path: ['retry', 'most_ms'], message: 'at least first_ms is expected', input: value.retry.most_ms })
    }
  })

const rehearsal = z.strictObject({
  from: z
    .string()
    .transform((text, context) => {
      const ms = parseTime(text)
      if (!Number.isNaN(ms)) return ms
      context.addIssue(`${JSON.stringify(text.slice(0, 40))} ${whyNoTime(text)}`)
      return z.NEVER
    })
    .describe('What the clock shows when following begins.'),
  speed: z.number().gt(0).max(10_000_000).describe('How many times faster than real time it runs.'),
})

/** A file that says what is followed. */
export const followFileSchema = z
  .strictObject({
    series: z.array(seriesSchema).min(1).max(200).describe('What is followed; each symbol and timeframe once.'),
    rehearsal: rehearsal.describe('Follows the past as if it happened now, by a clock of its own.').optional(),
  })
  .check(({ value, issues }) => {
    const seen = new Map<string, number>()
    value.series.forEach(({ symbol, timeframe }, index) => {
      const key = `${symbol} ${timeframe}`
      const first = seen.get(key)
      if (first === undefined) seen.set(key, index)
      else
        issues.push({ code: 'custom', path: ['series', index], message: `${key} is followed already, by /series/${first}`, input: value })
    })
  })

export type FollowFile = z.output<typeof followFileSchema>
export type FollowedSeries = FollowFile['series'][number]
export type SourceSettings = FollowedSeries['source']
