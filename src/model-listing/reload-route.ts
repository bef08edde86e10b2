import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { problemResponse, ref } from '../http/components.js'
import type { Registry } from '../models/registry.js'
import type { ReloadAnswer } from './schema.js'

/** POST /models/reload: what a deployment calls after it has written a bundle. */
export function reloadRoute(app: FastifyInstance, { registry }: { registry: Pick<Registry, 'reload'> }): void {
  app.post(
    '/models/reload',
    {
      schema: {
        operationId: 'reloadModels',
        summary: 'Look at the models directory now',
        description:
          'Loads new and changed models beside those that serve, proves them, and swaps them between two requests. A changed model that is refused leaves the older one ' +
          'serving: GET /models shows why as failed_reload. Files that are being written are left for later. Answers when all of it is done. Takes no body.',
        tags: ['models'],
        querystring: z.strictObject({}),
        response: {
          200: { description: 'What became of the changes.', ...ref('ModelReload') },
          '4xx': problemResponse('The request is not valid.'),
          '5xx': problemResponse('The service cannot answer now.'),
        },
      },
    },
    async (): Promise<ReloadAnswer> => {
      const { added, swapped, removed, refused, unsettled } = await registry.reload()
      return { added: [...added], swapped: [...swapped], removed: [...removed], refused: [...refused], unsettled: [...unsettled] }
    },
  )
}
