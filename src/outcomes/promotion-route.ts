import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { problemResponse, ref } from '../http/components.js'
import { openTimeRange } from '../http/open-time-range.js'
import type { Store } from '../store/store.js'
import { promotion } from './promotion.js'
import { promotionQuerySchema } from './query-schema.js'
import type { Settler } from './settler.js'
import { untilSettled } from './until-settled.js'

interface PromotionParts {
  readonly store: Pick<Store, 'outcomes'>
  readonly settler: Pick<Settler, 'idle'>
}

/** GET /performance/promotion. */
export function promotionRoute(app: FastifyInstance, { store, settler }: PromotionParts): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/performance/promotion',
    {
      schema: {
        operationId: 'getPromotion',
        summary: 'Whether one model should take the place of another one',
        description:
          'Compares the hit rates of two models over the bars that both predicted from and that settled, in the last hours up to the newest of them. ' +
          'It changes nothing: which model is asked is up to who asks.',
        tags: ['outcomes'],
        querystring: promotionQuerySchema,
        response: {
          200: { description: 'What the rule says, and what it was applied to.', ...ref('Promotion') },
          '4xx': problemResponse('The query is not valid, the two cannot be compared, or one of them has no predictions.'),
          '5xx': problemResponse('The store cannot answer.'),
        },
      },
    },
    async (request, reply) => {
      const { champion, challenger, symbol, timeframe, to, hours, min_improvement: minImprovement, min_bars: minBars } = request.query
      const scan = {
        ...(symbol !== undefined && { symbol }),
        ...(timeframe !== undefined && { timeframe }),
        ...openTimeRange({ to }),
      }
      await untilSettled(settler)
      reply.header('cache-control', 'no-cache')
      return promotion(store.outcomes, { champion, challenger, scan, hours, minImprovement, minBars })
    },
  )
}
