import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { invalidAt } from '../errors.js'
import { problemResponse, ref } from '../http/components.js'
import { matchesEtag } from '../http/matches-etag.js'
import { negotiate } from '../http/negotiate.js'
import { openTimeRange } from '../http/open-time-range.js'
import { pageHeaders } from '../http/page-headers.js'
import { preferWait } from '../http/prefer-wait.js'
import { createSingleFlight } from '../http/single-flight.js'
import type { Wait, Waiting } from '../http/waiting.js'
import type { OutcomesOf, ToAnswers } from './answers.js'
import type { Changes } from './changes.js'
import { type ColumnSet, predictionsCsv } from './csv.js'
import { eachPage } from './each-page.js'
import { freshness } from './freshness.js'
import { iso } from '../iso.js'
import { predictionLines } from './ndjson.js'
import { nextLink } from './next-link.js'
import { predictionsParquet } from './parquet.js'
import { type ListQuery, listQuerySchema, maxPageRows } from './query-schema.js'
import type { Page, PageQuery, Reader } from './read.js'

export interface ListParts {
  readonly reader: Reader
  readonly changes: Changes
  readonly waiting: Waiting
  readonly outcomesOf: OutcomesOf
  readonly toAnswers: ToAnswers
  /** The server's clock, epoch milliseconds. */
  readonly nowMs: () => number
}

const formats = ['application/json', 'text/csv', 'application/x-ndjson', 'application/vnd.apache.parquet'] as const
type Format = (typeof formats)[number]

/** Rows that a streamed answer reads at once: some 40 ms of CPU, after which others get their turn. */
const rowsPerPage = 500

/** GET /predictions: pages, streams, and the wait for what comes next. */
export function listRoute(app: FastifyInstance, parts: ListParts): void {
  const { reader, changes, waiting, outcomesOf, toAnswers, nowMs } = parts
  // Part of every entity tag: after a restart the file may be another one, such as a backup, whose numbers mean other rows.
  const edition = randomUUID()
  // A commit wakes all who wait for it: those with the same question share one look at the store.
  const shared = createSingleFlight<Rendered>()

  app.withTypeProvider<ZodTypeProvider>().get('/predictions', { schema: listSchema }, async (request, reply) => {
    const { headers } = request
    const format = negotiate(headers.accept, formats)
    const { columns, ...listing } = request.query
    const query = readQuery(listing, format)
    await changes.ready()
    /** Taken before rows are read: a commit in between makes the tag too old, never too new. */
    const look = () => {
      const state = changes.state(query)
      const etag = `W/"${edition}-${state.version}-${formats.indexOf(format)}"`
      return { etag, isKnown: matchesEtag(headers['if-none-match'], etag), ...freshness(state, query, nowMs()) }
    }
    let now = look()

    const wait = beginWait(request, reply, query)
    if (wait !== undefined) {
      try {
        if (now.isKnown || (headers['if-none-match'] === undefined && (await isEmpty(query)))) await wait.over
      } finally {
        wait.leave()
      }
      now = look()
    }
    const { etag, isKnown, nextExpectedMs, maxAgeSeconds } = now
    const caching = {
      etag,
      vary: wait === undefined ? 'accept' : 'accept, prefer',
      // What a wait brought is for the one who waited; otherwise the next bar decides how long the answer holds.
      'cache-control': wait === undefined && maxAgeSeconds > 0 ? `max-age=${maxAgeSeconds}` : 'no-cache',
    }
    if (isKnown) return reply.code(304).headers(caching).send()
    return answer()

    async function answer(): Promise<FastifyReply> {
      const nextExpectedAt = nextExpectedMs === undefined ? null : iso(nextExpectedMs)
      if (format === 'application/x-ndjson') {
        const pages = await begun(eachPage(reader, query, rowsPerPage))
        const lines = predictionLines(pages, toAnswers, { next_expected_at: nextExpectedAt })
        return reply
          .headers(caching)
          .type(`${format}; charset=utf-8`)
          .send(Readable.from(lines, { objectMode: false }))
      }
      if (format === 'application/vnd.apache.parquet') {
        const { file, nextCursor } = await toFile(query)
        reply.headers(caching)
        if (nextCursor !== null) reply.header('link', nextLink(request.url, nextCursor))
        return reply.type(format).send(file)
      }
      const { text, nextCursor } = await shared(JSON.stringify([etag, query, columns, nextExpectedAt]), () =>
        render(query, format, columns, nextExpectedAt),
      )
      reply.headers(caching)
      if (nextCursor !== null) reply.header('link', nextLink(request.url, nextCursor))
      return reply.type(format === 'text/csv' ? 'text/csv; charset=utf-8; header=present' : 'application/json; charset=utf-8').send(text)
    }
  })

  function beginWait(request: FastifyRequest, reply: FastifyReply, query: PageQuery): Wait | undefined {
    const seconds = preferWait(request.headers.prefer)
    const wait = seconds === 0 ? undefined : waiting.begin(seconds * 1_000, (news) => changes.await(query, news))
    // Without a place to wait the answer comes at once, and does not claim that the preference was applied.
    if (wait === undefined) return undefined
    reply.raw.once('close', wait.leave)
    reply.header('preference-applied', `wait=${seconds}`)
    return wait
  }

  async function isEmpty(query: PageQuery): Promise<boolean> {
    return (await reader.page({ ...query, limit: 1 })).predictions.length === 0
  }

  async function render(query: PageQuery, format: Format, columns: ColumnSet, nextExpectedAt: string | null): Promise<Rendered> {
    const { predictions, nextCursor } = await reader.page(query)
    if (format === 'text/csv') return { text: predictionsCsv(predictions, await outcomesOf(predictions), columns), nextCursor }
    const page = { predictions: await toAnswers(predictions), next_cursor: nextCursor, next_expected_at: nextExpectedAt }
    return { text: JSON.stringify(page), nextCursor }
  }

  async function toFile(query: PageQuery): Promise<{ file: Buffer; nextCursor: string | null }> {
    let nextCursor: string | null = null
    const file = await predictionsParquet(withOutcomes())
    return { file, nextCursor }

    async function* withOutcomes() {
      for await (const page of eachPage(reader, query, rowsPerPage)) {
        nextCursor = page.nextCursor
        yield { predictions: page.predictions, outcomes: await outcomesOf(page.predictions) }
      }
    }
  }
}

interface Rendered {
  readonly text: string
  readonly nextCursor: string | null
}

function readQuery({ from, to, history, limit, ...rest }: Omit<ListQuery, 'columns'>, format: Format): PageQuery {
  const range = openTimeRange({ from, to })
  if (limit > maxPageRows[format]) throw invalidAt('limit', `1 to ${maxPageRows[format]} is expected`)
  return { ...rest, limit, ...range, history: history === 'all' }
}

/** The same pages, the first of them read: what is wrong with a question is known before an answer begins. */
async function begun(pages: AsyncGenerator<Page, void, undefined>): Promise<AsyncIterable<Page>> {
  const first = await pages.next()
  return (async function* () {
    if (first.done !== true) yield first.value
    yield* pages
  })()
}

const listSchema = {
  operationId: 'listPredictions',
  summary: 'Stored predictions by bar time',
  description:
    'Pages by cursor; Link names the next page. The ETag changes with every prediction and every outcome of the models, symbols and timeframes asked for. ' +
    'Cache-Control holds until the next bar closes once the newest bar is answered. With Prefer: wait=25 an answer that is known, or empty, is held back ' +
    'until there is another one, at most so many seconds. By Accept also CSV, Parquet, and NDJSON: a prediction per line, then a closing record with count and next_cursor.',
  tags: ['predictions'],
  querystring: listQuerySchema,
  response: {
    200: {
      description: 'One page.',
      headers: {
        etag: pageHeaders.etag,
        link: { type: 'string', description: 'The next page, rel="next"; absent on the last, and with NDJSON.' },
        'cache-control': { type: 'string', description: 'max-age: seconds until the next bar closes; no-cache: ask each time.' },
        'preference-applied': { type: 'string', description: 'The wait that was granted, such as wait=25.' },
      },
      content: {
        'application/json': { schema: ref('PredictionPage') },
        'text/csv': { schema: { type: 'string' } },
        'application/x-ndjson': { schema: { type: 'string' } },
        'application/vnd.apache.parquet': { schema: { type: 'string', format: 'binary' } },
      },
    },
    304: { description: 'Nothing changed since the ETag in If-None-Match.', type: 'null' },
    '4xx': problemResponse('The query is not valid.'),
    '5xx': problemResponse('The store cannot answer.'),
  },
}
