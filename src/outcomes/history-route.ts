import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../errors.js'
import { problemResponse, ref } from '../http/components.js'
import type { Store } from '../store/store.js'
import { toKnownOutcome } from './to-outcome.js'

/** GET /predictions/:id/outcomes. */
export function historyRoute(app: FastifyInstance, { store }: { readonly store: Pick<Store, 'find' | 'outcomes'> }): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/predictions/:id/outcomes',
    {
      schema: {
        operationId: 'getOutcomes',
        summary: 'Every outcome that a prediction ever had',
        description: 'A candle that is revised, or that fills a gap, settles a prediction anew; the older outcomes are kept.',
        tags: ['outcomes'],
        querystring: z.strictObject({}),
        params: z.strictObject({ id: z.string().max(200).describe('Id of the prediction, 26 characters.') }),
        response: {
          200: { description: 'Oldest first.', ...ref('OutcomeHistory') },
          '4xx': problemResponse('There is no such prediction.'),
          '5xx': problemResponse('The store cannot answer.'),
        },
      },
    },
    async (request) => {
      const { id } = request.params
      const found = await store.find(id)
      if (found === undefined) throw new Problem('not-found', 'There is no prediction with this id.')
      return { outcomes: (await store.outcomes.history(found)).map(toKnownOutcome) }
    },
  )
}
