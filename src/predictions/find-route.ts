import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../errors.js'
import { problemResponse, ref } from '../http/components.js'
import type { ToAnswers } from './answers.js'
import type { Reader } from './read.js'

/** GET /predictions/:id. */
export function findRoute(app: FastifyInstance, { reader, toAnswers }: { readonly reader: Reader; readonly toAnswers: ToAnswers }): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/predictions/:id',
    {
      schema: {
        operationId: 'getPrediction',
        summary: 'One stored prediction',
        description: 'Current or superseded, with what came of it so far.',
        tags: ['predictions'],
        querystring: z.strictObject({}),
        params: z.strictObject({ id: z.string().describe('Id of the prediction, 26 characters.') }),
        response: {
          200: { description: 'The prediction.', ...ref('Prediction') },
          '4xx': problemResponse('There is no such prediction.'),
          '5xx': problemResponse('The store cannot answer.'),
        },
      },
    },
    async (request) => {
      const { id } = request.params
      if (!/^[0-9A-HJKMNP-TV-Z]{26}$/.test(id))
        throw new Problem('not-found', 'No prediction has such an id: ids are 26 characters, 0-9 and A-Z.')
      const found = await reader.find(id)
      if (found === undefined) throw new Problem('not-found', `There is no prediction ${id}.`)
      return (await toAnswers([found]))[0]
    },
  )
}
