import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../errors.js'
import { type ComponentName, problemResponse, ref } from '../http/components.js'
import { shorten } from '../shorten.js'
import type { NotesPage } from './notes.js'
import type { Job, JobRunner } from './runner.js'

export interface JobRoutes {
  readonly runner: JobRunner
  /** Kind of the jobs. */
  readonly kind: string
  /** Where they are, e.g. `/backfills`. */
  readonly path: string
  /** For operation ids and sentences, e.g. `backfill`. */
  readonly noun: string
  readonly component: ComponentName
  readonly listComponent: ComponentName
  readonly listName: string
  readonly toAnswer: (job: Job) => object
  /** Lines that a job has noted so far, in whatever process; for those that are not kept any more. */
  readonly linesOf: (job: Job) => number
}

/**
 * What can be asked of the jobs of one kind, once they have begun: GET list, GET one, GET its notes, and its end, as DELETE of the job or POST
 * to its `/cancel`, which are the same. Beginning one is the kind's own route.
 */
export function jobRoutes(app: FastifyInstance, routes: JobRoutes): void {
  listRoute(app, routes)
  findRoute(app, routes)
  notesRoute(app, routes)
  cancelRoutes(app, routes)
}

/** 202 with the job and where it is. */
export function sendAccepted(reply: FastifyReply, { path, toAnswer }: Pick<JobRoutes, 'path' | 'toAnswer'>, job: Job): FastifyReply {
  return reply.code(202).header('location', `${path}/${job.id}`).type('application/json; charset=utf-8').send(toAnswer(job))
}

const params = z.strictObject({ id: z.string().describe('Id of the job.') })

function listRoute(app: FastifyInstance, { runner, kind, path, noun, listComponent, listName, toAnswer }: JobRoutes): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    path,
    {
      schema: {
        operationId: `list${capital(noun)}s`,
        summary: `${capital(noun)} jobs, newest first`,
        description: 'Also those that have ended.',
        tags: [`${noun}s`],
        querystring: z.strictObject({ limit: wholeNumber(1, 1_000, `At most so many, 1 to 1000; 100 when not given.`).default(100) }),
        response: {
          200: { description: 'The jobs.', ...ref(listComponent) },
          '4xx': problemResponse('The query is not valid.'),
          '5xx': problemResponse('The store cannot answer.'),
        },
      },
    },
    async (request) => ({ [listName]: (await runner.list(kind, request.query.limit)).map(toAnswer) }),
  )
}

function findRoute(app: FastifyInstance, routes: JobRoutes): void {
  const { path, noun, component, toAnswer } = routes
  app.withTypeProvider<ZodTypeProvider>().get(
    `${path}/:id`,
    {
      schema: {
        operationId: `get${capital(noun)}`,
        summary: `One ${noun} job`,
        description: 'How far it is, and, once it is done, what came of it.',
        tags: [`${noun}s`],
        querystring: z.strictObject({}),
        params,
        response: {
          200: { description: 'The job.', ...ref(component) },
          '4xx': problemResponse('There is no such job.'),
          '5xx': problemResponse('The store cannot answer.'),
        },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return toAnswer(await findJob(routes, request.params.id))
    },
  )
}

function notesRoute(app: FastifyInstance, routes: JobRoutes): void {
  const { runner, path, noun, linesOf } = routes
  app.withTypeProvider<ZodTypeProvider>().get(
    `${path}/:id/lines`,
    {
      schema: {
        operationId: `get${capital(noun)}Lines`,
        summary: `What a ${noun} job did, line by line`,
        description:
          'Kept in memory: the newest 50,000 lines of the last jobs of this process; `lost` counts those that are gone. Ask again with `from` set to `next` to follow a job that runs.',
        tags: [`${noun}s`],
        querystring: z.strictObject({
          from: wholeNumber(0, 999_999_999, 'Number of the first line, from 0.').default(0),
          limit: wholeNumber(1, 10_000, 'At most so many, 1 to 10000; 1000 when not given.').default(1_000),
        }),
        params,
        response: {
          200: { description: 'The lines.', ...ref('JobLines') },
          '4xx': problemResponse('There is no such job.'),
          '5xx': problemResponse('The store cannot answer.'),
        },
      },
    },
    async (request, reply) => {
      const { from, limit } = request.query
      // The state first: lines that come between the two are then not taken for the last.
      const job = await findJob(routes, request.params.id)
      const { id, state } = job
      const page = runner.notes(id, from, limit) ?? noneKept(from, linesOf(job))
      reply.header('cache-control', 'no-store')
      return { ...page, ended: state !== 'waiting' && state !== 'running' && page.lines.length < limit }
    },
  )
}

function noneKept(from: number, lines: number): NotesPage {
  return { lines: [], next: Math.max(from, lines), lost: Math.max(0, lines - from) }
}

function cancelRoutes(app: FastifyInstance, routes: JobRoutes): void {
  const { runner, kind, path, noun, component, toAnswer } = routes
  const schema = (operationId: string) => ({
    operationId,
    summary: `Stop a ${noun} job`,
    description: 'Answers when it has stopped. What it did until then stays. A job that has ended stays as it is.',
    tags: [`${noun}s`],
    querystring: z.strictObject({}),
    params,
    response: {
      200: { description: 'The job, stopped.', ...ref(component) },
      '4xx': problemResponse('There is no such job.'),
      '5xx': problemResponse('The store cannot answer.'),
    },
  })
  const handler = async (request: FastifyRequest<{ Params: z.output<typeof params> }>) =>
    toAnswer((await runner.cancel(kind, request.params.id)) ?? (await findJob(routes, request.params.id)))
  app.delete(`${path}/:id`, { schema: schema(`delete${capital(noun)}`) }, handler)
  app.post(`${path}/:id/cancel`, { schema: schema(`cancel${capital(noun)}`) }, handler)
}

async function findJob({ runner, kind, path }: JobRoutes, id: string): Promise<Job> {
  const job = await runner.find(kind, id)
  if (job === undefined) throw new Problem('not-found', `There is no job ${shorten(id)}; GET ${path} lists them.`)
  return job
}

function wholeNumber(min: number, max: number, description: string) {
  return z
    .string({ error: 'give it once' })
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, `${min} to ${max} is expected`)
    .transform(Number)
    .meta({ type: 'integer', minimum: min, maximum: max, description })
}

function capital(noun: string): string {
  return noun.charAt(0).toUpperCase() + noun.slice(1)
}
