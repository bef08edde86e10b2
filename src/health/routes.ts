import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { toFollowingAnswer } from '../following/answer.js'
import { ref } from '../http/components.js'
import type { Metrics } from './metrics.js'
import type { Readiness } from './readiness.js'

/** GET /livez, /readyz and /metrics: what orchestrators and monitors ask. */
export function healthRoutes(app: FastifyInstance, parts: { readiness: () => Promise<Readiness>; metrics: Metrics }): void {
  const { readiness, metrics } = parts
  const tags = ['health']

  app.get(
    '/livez',
    {
      schema: {
        operationId: 'getLivez',
        summary: 'Whether the process lives',
        description: 'Answers as long as the process does, also while models are loading.',
        tags,
        querystring: z.strictObject({}),
        response: { 200: ref('Alive'), '4xx': ref('Problem') },
      },
    },
    // Names the process, so that a command can tell the server that holds its database from another one.
    (_request, reply) => reply.header('x-barcast-process', String(process.pid)).send({ status: 'alive' }),
  )

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadyz',
        summary: 'Whether predictions can be made',
        description:
          'Ready: the store is open, loading is done, at least one model is served and no required one refused. Closing: the service was told to end.',
        tags,
        querystring: z.strictObject({}),
        response: { 200: ref('Readiness'), 503: ref('Readiness'), '4xx': ref('Problem') },
      },
    },
    async (_request, reply) => {
      const { ready, closing, store, models, following } = await readiness()
      const status = closing ? 'closing' : ready ? 'ready' : 'not ready'
      return reply.code(ready ? 200 : 503).send({ status, store, models, ...(following && { following: toFollowingAnswer(following) }) })
    },
  )

  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        summary: 'Prometheus metrics',
        description: 'Durations are in seconds.',
        tags,
        querystring: z.strictObject({}),
        produces: ['text/plain'],
        response: { 200: { description: 'Text exposition format 0.0.4', type: 'string' }, '4xx': ref('Problem') },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.render()),
  )
}
