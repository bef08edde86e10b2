import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../errors.js'
import { problemResponse, ref } from '../http/components.js'
import { readJsonBody } from '../http/read-json-body.js'
import { jobRoutes, type JobRoutes, sendAccepted } from '../jobs/routes.js'
import type { JobRunner } from '../jobs/runner.js'
import type { Registry } from '../models/registry.js'
import { nearestName } from '../nearest-name.js'
import { shorten } from '../shorten.js'
import type { Store } from '../store/store.js'
import { toReplayAnswer, toVerificationAnswer } from './answer.js'
import type { Replayer } from './replayer.js'
import { toFilter, verificationBodySchema } from './verification-filter.js'
import type { ReplayResult } from './verdict.js'

export interface ReplayRouteParts {
  readonly registry: Pick<Registry, 'entry' | 'entries'>
  readonly store: Pick<Store, 'find' | 'lines'>
  readonly replayer: Pick<Replayer, 'replay'>
  readonly jobs: JobRunner
  readonly count?: (result: ReplayResult) => void
}

/** POST /predictions/:id/replay, POST /verifications, and what can be asked of the jobs that it begins. */
export function replayRoutes(app: FastifyInstance, parts: ReplayRouteParts): void {
  replayRoute(app, parts)
  verificationRoutes(app, parts)
}

function replayRoute(app: FastifyInstance, { registry, store, replayer, count }: ReplayRouteParts): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/predictions/:id/replay',
    {
      schema: {
        operationId: 'replayPrediction',
        summary: 'Derive a stored prediction again',
        description:
          'Computes features and score from the candles that were current when the prediction was stored, and compares every bit with what is stored. ' +
          'Nothing is written.',
        tags: ['predictions'],
        querystring: z.strictObject({}),
        params: z.strictObject({ id: z.string().describe('Id of the prediction, 26 characters.') }),
        response: {
          200: { description: 'Identical, different, or impossible.', ...ref('Replay') },
          '4xx': problemResponse('There is no such prediction.'),
          '5xx': problemResponse('The service cannot answer now.'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const found = await store.find(id)
      if (found === undefined) throw new Problem('not-found', `There is no prediction ${id.slice(0, 40)}.`)
      const verdict = await replayer.replay(found)
      count?.(verdict.result)
      reply.header('cache-control', 'no-store')
      return toReplayAnswer(verdict, registry)
    },
  )
}

function verificationRoutes(app: FastifyInstance, { jobs, registry, store }: ReplayRouteParts): void {
  const routes: JobRoutes = {
    runner: jobs,
    kind: 'verification',
    path: '/verifications',
    noun: 'verification',
    component: 'Verification',
    listComponent: 'VerificationList',
    listName: 'verifications',
    toAnswer: toVerificationAnswer,
    linesOf: () => 0,
  }
  app.post(
    routes.path,
    {
      schema: {
        operationId: 'startVerification',
        summary: 'Derive many stored predictions again',
        description:
          'Begins a job that replays every stored prediction, superseded ones too, or a sample, and counts what came of it. ' +
          'Jobs run one at a time; at most 200 wait, then the answer is 503 overloaded.',
        tags: ['verifications'],
        querystring: z.strictObject({}),
        body: { content: { 'application/json': { schema: verificationBodySchema } } },
        response: {
          202: {
            description: 'The job has been accepted.',
            headers: { location: { type: 'string', description: 'Path of the job.' } },
            ...ref('Verification'),
          },
          '4xx': problemResponse('The request cannot be understood.'),
          '5xx': problemResponse('The service cannot answer now.'),
        },
      },
    },
    async (request, reply) => {
      const filter = toFilter(readJsonBody(request, verificationBodySchema))
      await refuseUnknown(filter.model)
      return sendAccepted(reply, routes, await jobs.start(routes.kind, { ...filter }))
    },
  )
  jobRoutes(app, routes)

  /** A typing error would be a verification that always passes. Models that are gone may have predictions. */
  async function refuseUnknown(model: string | undefined): Promise<void> {
    if (model === undefined || registry.entry(model) !== undefined) return
    const stored = new Set((await store.lines()).map((line) => line.model))
    if (stored.has(model)) return
    const nearest = nearestName(model, [...registry.entries().map(({ name }) => name), ...stored])
    const hint = nearest === null ? '' : `; did you mean ${nearest}?`
    throw new Problem('unknown-model', `There is no model ${shorten(model)}, and none of its predictions is stored${hint}`, { nearest })
  }
}
