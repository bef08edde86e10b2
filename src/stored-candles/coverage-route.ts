import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { problemResponse, ref } from '../http/components.js'
import { matchesEtag } from '../http/matches-etag.js'
import { pageHeaders } from '../http/page-headers.js'
import { iso } from '../iso.js'
import type { CandleStore, Coverage } from '../store/candle-store.js'
import type { CandleChanges } from './changes.js'
import { coverageQuerySchema } from './query-schema.js'
import type { CoverageAnswer } from './schema.js'

export interface CoverageParts {
  readonly candles: Pick<CandleStore, 'coverage'>
  readonly changes: CandleChanges
  /** Part of every entity tag. */
  readonly edition: string
}

/** GET /candles/coverage. */
export function coverageRoute(app: FastifyInstance, { candles, changes, edition }: CoverageParts): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/candles/coverage',
    {
      schema: {
        operationId: 'getCandleCoverage',
        summary: 'Which candles are stored',
        description: 'Per symbol and timeframe the first and the last bar, how many there are, and where some are missing in between.',
        tags: ['candles'],
        querystring: coverageQuerySchema,
        response: {
          200: {
            description: 'One entry per symbol and timeframe that has bars.',
            headers: { etag: pageHeaders.etag },
            ...ref('CandleCoverage'),
          },
          304: { description: 'Nothing changed since the ETag in If-None-Match.', type: 'null' },
          '4xx': problemResponse('The query is not valid.'),
          '5xx': problemResponse('The store cannot answer.'),
        },
      },
    },
    async ({ headers, query }, reply) => {
      const { symbol, timeframe } = query
      const only = { ...(symbol === undefined ? {} : { symbol }), ...(timeframe === undefined ? {} : { timeframe }) }
      const etag = `W/"${edition}-${changes.version(only)}"`
      const caching = { etag, 'cache-control': 'no-cache' }
      if (matchesEtag(headers['if-none-match'], etag)) return reply.code(304).headers(caching).send()
      const coverage = await candles.coverage(only)
      return reply.headers(caching).send({ coverage: coverage.map(toAnswer) } satisfies CoverageAnswer)
    },
  )
}

function toAnswer({ symbol, timeframe, firstMs, lastMs, nBars, gaps }: Coverage): CoverageAnswer['coverage'][number] {
  return {
    symbol,
    timeframe,
    first: iso(firstMs),
    last: iso(lastMs),
    bars: nBars,
    missing: gaps.reduce((missing, gap) => missing + gap.nBars, 0),
    gaps: gaps.map((gap) => ({ from: iso(gap.fromMs), to: iso(gap.toMs), bars: gap.nBars })),
  }
}
