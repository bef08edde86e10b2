import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { problemResponse, ref } from '../http/components.js'
import { matchesEtag } from '../http/matches-etag.js'
import { negotiate } from '../http/negotiate.js'
import { openTimeRange } from '../http/open-time-range.js'
import { pageHeaders } from '../http/page-headers.js'
import { createPageCursor } from '../http/page-cursor.js'
import { toCsv } from '../http/to-csv.js'
import { toParquet } from '../http/to-parquet.js'
import { iso } from '../iso.js'
import { nextLink } from '../predictions/next-link.js'
import type { CandleStore } from '../store/candle-store.js'
import type { CandleChanges } from './changes.js'
import { candlesQuerySchema } from './query-schema.js'
import { type Bars, readBars } from './read-bars.js'
import type { CandlePage } from './schema.js'

export interface ReadParts {
  readonly candles: Pick<CandleStore, 'read' | 'extent'>
  readonly changes: CandleChanges
  /** Part of every entity tag. */
  readonly edition: string
}

const formats = ['application/json', 'text/csv', 'application/vnd.apache.parquet'] as const
const pageCursor = createPageCursor('barcast candles cursor 1', ['number'])

/** GET /candles. */
export function readRoute(app: FastifyInstance, { candles, changes, edition }: ReadParts): void {
  app.withTypeProvider<ZodTypeProvider>().get('/candles', { schema: readSchema }, async (request, reply) => {
    const { headers, query } = request
    const format = negotiate(headers.accept, formats)
    const { symbol, timeframe, order, limit, cursor } = query
    const { fromMs, toMs } = openTimeRange(query)
    const question = [symbol, timeframe, fromMs, toMs, order]
    const afterMs = cursor === undefined ? undefined : (pageCursor.read(question, cursor)[0] as number)

    // Taken before the bars are read: a commit in between makes the tag too old, never too new.
    const etag = `W/"${edition}-${changes.version({ symbol, timeframe })}-${formats.indexOf(format)}"`
    const caching = { etag, vary: 'accept', 'cache-control': 'no-cache' }
    if (matchesEtag(headers['if-none-match'], etag)) return reply.code(304).headers(caching).send()

    // One more than asked: whether it exists says whether there is a next page.
    const read = await readBars(candles, { symbol, timeframe, fromMs, toMs, order, limit: limit + 1, afterMs })
    const bars = firstOf(read, limit)
    const nBars = bars.openTimeMs.length
    const nextCursor = read.openTimeMs.length > limit ? pageCursor.write(question, [bars.openTimeMs[nBars - 1]!]) : null
    reply.headers(caching)
    if (nextCursor !== null) reply.header('link', nextLink(request.url, nextCursor))
    if (format === 'application/vnd.apache.parquet') return reply.type(format).send(await asParquet(bars))
    if (format === 'text/csv') return reply.type('text/csv; charset=utf-8; header=present').send(asCsv(bars))
    const page: CandlePage = { symbol, timeframe, candles: asColumns(bars), next_cursor: nextCursor }
    return reply.type('application/json; charset=utf-8').send(page)
  })
}

function firstOf({ openTimeMs, open, high, low, close, volume }: Bars, limit: number): Bars {
  return {
    openTimeMs: openTimeMs.subarray(0, limit),
    open: open.subarray(0, limit),
    high: high.subarray(0, limit),
    low: low.subarray(0, limit),
    close: close.subarray(0, limit),
    volume: volume.subarray(0, limit),
  }
}

function asColumns({ openTimeMs, open, high, low, close, volume }: Bars): CandlePage['candles'] {
  return {
    timestamp: Array.from(openTimeMs, iso),
    open: Array.from(open),
    high: Array.from(high),
    low: Array.from(low),
    close: Array.from(close),
    volume: Array.from(volume),
  }
}

function asCsv({ openTimeMs, open, high, low, close, volume }: Bars): string {
  const rows = Array.from(openTimeMs, (ms, bar) => [iso(ms), open[bar], high[bar], low[bar], close[bar], volume[bar]])
  return toCsv(['timestamp', 'open', 'high', 'low', 'close', 'volume'], rows)
}

function asParquet({ openTimeMs, ...prices }: Bars): Promise<Buffer> {
  const { open, high, low, close, volume } = prices
  const columns = Object.entries({ open, high, low, close, volume }).map(([name, values]) => ({ name, type: 'DOUBLE', values }) as const)
  return toParquet([{ name: 'timestamp', type: 'TIMESTAMP', values: openTimeMs }, ...columns], openTimeMs.length)
}

const readSchema = {
  operationId: 'listCandles',
  summary: 'Stored candles',
  description:
    'The current values of closed bars, as columns that POST /predict takes as they are. Pages by cursor; Link names the next page. By Accept also CSV and Parquet. ' +
    'The ETag changes with every bar that is added or revised.',
  tags: ['candles'],
  querystring: candlesQuerySchema,
  response: {
    200: {
      description: 'One page; no bars when none are stored.',
      headers: pageHeaders,
      content: {
        'application/json': { schema: ref('CandlePage') },
        'text/csv': { schema: { type: 'string' } },
        'application/vnd.apache.parquet': { schema: { type: 'string', format: 'binary' } },
      },
    },
    304: { description: 'Nothing changed since the ETag in If-None-Match.', type: 'null' },
    '4xx': problemResponse('The query is not valid.'),
    '5xx': problemResponse('The store cannot answer.'),
  },
}
