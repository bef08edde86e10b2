import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { problemResponse, ref } from '../http/components.js'
import { iso } from '../iso.js'
import type { FeatureStore } from '../store/feature-store.js'

/** GET /features/keys. */
export function keysRoute(app: FastifyInstance, { features }: { readonly features: Pick<FeatureStore, 'keys'> }): void {
  app.get(
    '/features/keys',
    {
      schema: {
        operationId: 'listFeatureKeys',
        summary: 'What feature values are kept under',
        description: 'Every key with its series: how many bars, the first and the last.',
        tags: ['features'],
        querystring: z.strictObject({}),
        response: {
          200: { description: 'One entry per key and series.', ...ref('FeatureKeys') },
          '4xx': problemResponse('The query is not valid.'),
          '5xx': problemResponse('The store cannot answer.'),
        },
      },
    },
    async () => {
      const keys = await features.keys()
      return {
        keys: keys.map(({ featureKey, symbol, timeframe, nBars, firstMs, lastMs }) => {
          return { feature_key: featureKey, symbol, timeframe, bars: nBars, first: iso(firstMs), last: iso(lastMs) }
        }),
      }
    },
  )
}
