import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { problemResponse, ref } from '../http/components.js'
import { readJsonBody } from '../http/read-json-body.js'
import { jobRoutes, type JobRoutes, sendAccepted } from '../jobs/routes.js'
import type { JobRunner } from '../jobs/runner.js'
import { toBackfillAnswer, toPlanAnswer } from './answer.js'
import { backfillBodySchema } from './body-schema.js'
import { toOrder } from './order.js'
import { planBackfill, type PlanParts } from './plan.js'

export interface BackfillRouteParts extends PlanParts {
  readonly jobs: JobRunner
}

/** POST /backfills, and what can be asked of the jobs that it begins. */
export function backfillRoutes(app: FastifyInstance, parts: BackfillRouteParts): void {
  const routes: JobRoutes = {
    runner: parts.jobs,
    kind: 'backfill',
    path: '/backfills',
    noun: 'backfill',
    component: 'Backfill',
    listComponent: 'BackfillList',
    listName: 'backfills',
    toAnswer: toBackfillAnswer,
    linesOf: (job) => toBackfillAnswer(job).progress.done,
  }
  app.post(
    routes.path,
    {
      schema: {
        operationId: 'startBackfill',
        summary: 'Predict bars of the stored candles',
        description:
          'Begins a job that predicts closed bars from stored candles, by the same code as POST /predict. Its predictions have the origin backfill; ' +
          'those that are there already stay as they are. Asking twice does no harm: what is stored is not computed again. ' +
          'Jobs run one at a time; at most 200 wait, then the answer is 503 overloaded.',
        tags: ['backfills'],
        querystring: z.strictObject({}),
        body: { content: { 'application/json': { schema: backfillBodySchema } } },
        response: {
          200: { description: 'dry_run: which bars it would be.', ...ref('BackfillPlan') },
          202: {
            description: 'The job has been accepted.',
            headers: { location: { type: 'string', description: 'Path of the job.' } },
            ...ref('Backfill'),
          },
          '4xx': problemResponse('The request cannot be understood, or names models that do not fit.'),
          '5xx': problemResponse('The service cannot answer now.'),
        },
      },
    },
    async (request, reply) => {
      const body = readJsonBody(request, backfillBodySchema)
      const plan = await planBackfill(parts, body)
      if (body.dry_run) return toPlanAnswer(plan)
      return sendAccepted(reply, routes, await parts.jobs.start(routes.kind, toOrder(plan)))
    },
  )
  jobRoutes(app, routes)
}
