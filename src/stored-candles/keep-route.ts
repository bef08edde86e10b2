import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Admission } from '../http/admission.js'
import { admit } from '../http/admit.js'
import { problemResponse, ref } from '../http/components.js'
import { rawBody } from '../http/raw-body.js'
import { iso } from '../iso.js'
import { candlesBodySchema } from './body-schema.js'
import { keepCandles, type KeepParts } from './keep-candles.js'
import { keepQuerySchema } from './query-schema.js'
import { readKeepRequest } from './read-request.js'

export interface KeepRouteParts extends KeepParts {
  readonly admission: Admission
}

const csvBody = z.string().describe('A header that names the columns, then a line per bar; symbol and timeframe are query parameters.')

/** POST /candles. */
export function keepRoute(app: FastifyInstance, { admission, ...parts }: KeepRouteParts): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/candles',
    {
      schema: {
        operationId: 'keepCandles',
        summary: 'Store candles',
        description:
          'Stores the closed bars of what is sent; answers after they are durable. Bars that are stored already change nothing. A bar that comes with ' +
          'other values is a revision: the old values are kept, the new ones are current.',
        tags: ['candles'],
        querystring: keepQuerySchema,
        body: { content: { 'application/json': { schema: candlesBodySchema }, 'text/csv': { schema: csvBody } } },
        response: {
          200: { description: 'Every closed bar was stored already, or none had closed.', ...ref('KeptCandles') },
          201: { description: 'At least one bar was added or revised.', ...ref('KeptCandles') },
          '4xx': problemResponse('What was sent cannot be stored; nothing of it was.'),
          '5xx': problemResponse('The service cannot answer now.'),
        },
      },
      onRequest: admit(admission),
    },
    async (request, reply) => {
      const { query } = request
      const asked = readKeepRequest(rawBody(request), query)
      // Nothing of it is needed any more, and the framework would hold it until the store has answered.
      request.body = undefined
      const { unfinishedDropped, firstMs, lastMs, ...kept } = await keepCandles(parts, asked)
      return reply.code(kept.added + kept.revised > 0 ? 201 : 200).send({
        ...kept,
        unfinished_dropped: unfinishedDropped,
        first: firstMs === undefined ? null : iso(firstMs),
        last: lastMs === undefined ? null : iso(lastMs),
      })
    },
  )
}
