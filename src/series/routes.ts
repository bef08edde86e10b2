import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { problemResponse, ref } from '../http/components.js'
import { matchesEtag } from '../http/matches-etag.js'
import { negotiate } from '../http/negotiate.js'
import { openTimeRange } from '../http/open-time-range.js'
import { pageHeaders } from '../http/page-headers.js'
import { toAnswer } from '../predictions/answer.js'
import type { OutcomesOf } from '../predictions/answers.js'
import { iso } from '../iso.js'
import { nextLink } from '../predictions/next-link.js'
import type { StoredOutcome } from '../store/outcome-store.js'
import { seriesCsv } from './csv.js'
import { seriesParquet } from './parquet.js'
import { seriesQuerySchema } from './query-schema.js'
import { readSeries, type SeriesParts, type SeriesRow } from './read-series.js'
import { seriesTag } from './series-tag.js'
import type { SeriesAnswer, SeriesRowAnswer } from './schema.js'

const formats = ['application/json', 'text/csv', 'application/x-ndjson', 'application/vnd.apache.parquet'] as const

/** GET /predictions/series. */
export function seriesRoutes(app: FastifyInstance, parts: SeriesParts & { readonly outcomesOf: OutcomesOf }): void {
  const edition = randomUUID()
  app.withTypeProvider<ZodTypeProvider>().get('/predictions/series', { schema: seriesSchema }, async (request, reply) => {
    const { headers } = request
    const { from, to, ...query } = request.query
    const format = negotiate(headers.accept, formats)
    const series = await readSeries(parts, { ...query, ...openTimeRange({ from, to }) })
    const { rows, nextCursor, model, symbol, timeframe } = series
    const outcomes = await parts.outcomesOf(rows.flatMap(({ prediction }) => prediction ?? []))

    const etag = seriesTag(series, outcomes, edition, format)
    reply.headers({ etag, vary: 'accept', 'cache-control': 'no-cache' })
    if (matchesEtag(headers['if-none-match'], etag)) return reply.code(304).send()
    if (nextCursor !== null) reply.header('link', nextLink(request.url, nextCursor))
    if (format === 'text/csv') return reply.type('text/csv; charset=utf-8; header=present').send(seriesCsv(rows, outcomes))
    if (format === 'application/vnd.apache.parquet') return reply.type(format).send(await seriesParquet(rows, outcomes))
    const answers = rows.map((row) => toRow(row, outcomes))
    if (format === 'application/x-ndjson') {
      const closing = { count: answers.length, next_cursor: nextCursor }
      const lines = [...answers, closing].map((line) => `${JSON.stringify(line)}\n`)
      return reply.type(`${format}; charset=utf-8`).send(lines.join(''))
    }
    const page: SeriesAnswer = { model, symbol, timeframe, rows: answers, next_cursor: nextCursor }
    return reply.type('application/json; charset=utf-8').send(page)
  })
}

function toRow({ barTimeMs, prediction, explanation }: SeriesRow, outcomes: ReadonlyMap<string, StoredOutcome>): SeriesRowAnswer {
  return {
    bar_time: iso(barTimeMs),
    prediction: prediction === undefined ? null : toAnswer(prediction, outcomes.get(prediction.id)),
    reason: explanation?.reason ?? null,
    detail: explanation?.detail ?? null,
  }
}

const seriesSchema = {
  operationId: 'getPredictionSeries',
  summary: 'One row per bar: a prediction, or why there is none',
  description:
    'Every bar of the range that has closed, on the grid of the timeframe. Reasons come from what was recorded when it happened. Pages by cursor; Link names the next page. ' +
    'The ETag changes with every row and every reason. By Accept also CSV, Parquet, and NDJSON with a closing record of count and next_cursor.',
  tags: ['predictions'],
  querystring: seriesQuerySchema,
  response: {
    200: {
      description: 'One page.',
      headers: pageHeaders,
      content: {
        'application/json': { schema: ref('PredictionSeries') },
        'text/csv': { schema: { type: 'string' } },
        'application/x-ndjson': { schema: { type: 'string' } },
        'application/vnd.apache.parquet': { schema: { type: 'string', format: 'binary' } },
      },
    },
    304: { description: 'Nothing changed since the ETag in If-None-Match.', type: 'null' },
    '4xx': problemResponse('The query is not valid, or there is no such model.'),
    '5xx': problemResponse('The store cannot answer.'),
  },
}
