import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { problemResponse, ref } from '../http/components.js'
import { openTimeRange } from '../http/open-time-range.js'
import { createPageCursor } from '../http/page-cursor.js'
import { iso } from '../iso.js'
import { nextLink } from '../predictions/next-link.js'
import type { CandleRevision, CandleStore } from '../store/candle-store.js'
import { revisionsQuerySchema } from './query-schema.js'
import type { RevisionPage } from './schema.js'

export interface RevisionParts {
  readonly candles: Pick<CandleStore, 'revisions' | 'usedBy'>
}

/** Ids of predictions that are named per revision; all are counted. */
const maxIds = 100

const pageCursor = createPageCursor('barcast revisions cursor 1', ['number', 'number'])

/** GET /candles/revisions. */
export function revisionsRoute(app: FastifyInstance, { candles }: RevisionParts): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/candles/revisions',
    {
      schema: {
        operationId: 'listCandleRevisions',
        summary: 'Candles that came again with other values',
        description: 'What each bar was before and after, when it changed, and the predictions that had used the old values. Newest first.',
        tags: ['candles'],
        querystring: revisionsQuerySchema,
        response: {
          200: {
            description: 'One page.',
            headers: { link: { type: 'string', description: 'The next page, rel="next"; absent on the last.' } },
            ...ref('RevisionPage'),
          },
          '4xx': problemResponse('The query is not valid.'),
          '5xx': problemResponse('The store cannot answer.'),
        },
      },
    },
    async (request, reply) => {
      const { symbol, timeframe, limit, cursor } = request.query
      const range = openTimeRange(request.query)
      const question = [symbol, timeframe, range.fromMs, range.toMs]
      const [revision, openTimeMs] = cursor === undefined ? [] : (pageCursor.read(question, cursor) as readonly number[])
      const read = await candles.revisions({
        ...(symbol === undefined ? {} : { symbol }),
        ...(timeframe === undefined ? {} : { timeframe }),
        ...range,
        // One more than asked: whether it exists says whether there is a next page.
        limit: limit + 1,
        ...(revision === undefined || openTimeMs === undefined ? {} : { after: { revision, openTimeMs } }),
      })
      const revisions = read.slice(0, limit)
      const last = revisions.at(-1)
      const nextCursor = read.length > limit && last !== undefined ? pageCursor.write(question, [last.revision, last.openTimeMs]) : null
      const users = await candles.usedBy(revisions, maxIds)
      if (nextCursor !== null) reply.header('link', nextLink(request.url, nextCursor))
      const page: RevisionPage = { revisions: revisions.map((each, k) => toAnswer(each, users[k])), next_cursor: nextCursor }
      return page
    },
  )
}

function toAnswer(
  revised: CandleRevision,
  users: { readonly count: number; readonly ids: readonly string[] } | undefined,
): RevisionPage['revisions'][number] {
  return {
    symbol: revised.symbol,
    timeframe: revised.timeframe,
    open_time: iso(revised.openTimeMs),
    old: { ...revised.old },
    new: { ...revised.new },
    recorded_at: iso(revised.recordedAtMs),
    predictions: { count: users?.count ?? 0, ids: [...(users?.ids ?? [])] },
  }
}
