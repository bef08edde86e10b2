import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { invalidAt, Problem } from '../errors.js'
import type { Admission } from '../http/admission.js'
import { problemResponse, ref } from '../http/components.js'
import { matchesEtag } from '../http/matches-etag.js'
import { negotiate } from '../http/negotiate.js'
import type { Store } from '../store/store.js'
import { toAnswer } from './answer.js'
import { bodySchema } from './body-schema.js'
import { toCsv } from './csv.js'
import { nextLink } from './next-link.js'
import type { PredictRequest, PredictResult } from './predict.js'
import { listQuerySchema, predictQuerySchema } from './query-schema.js'
import type { Reader } from './read.js'
import { readRequest } from './read-request.js'

export interface PredictionParts {
  readonly predict: (request: PredictRequest) => Promise<PredictResult>
  readonly reader: Reader
  readonly store: Pick<Store, 'revision'>
  readonly admission: Admission
  readonly observe: (stage: 'parse' | 'serialise', seconds: number) => void
}

/** POST /predict, GET /predictions, GET /predictions/:id. */
export function predictionRoutes(app: FastifyInstance, parts: PredictionParts): void {
  predictRoute(app, parts)
  listRoute(app, parts)
  findRoute(app, parts)
}

const tags = ['predictions']
const csvBody = z.string().describe('A header that names the columns, then a line per bar; the other fields are query parameters.')

function predictRoute(app: FastifyInstance, { predict, admission, observe }: PredictionParts): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/predict',
    {
      schema: {
        operationId: 'predict',
        summary: 'Predict from candles',
        description:
          'Computes the features that each model was trained with, scores them and stores the prediction; answers after it is durable. ' +
          'The same candles give the same id, and nothing new is stored.',
        tags,
        querystring: predictQuerySchema,
        body: { content: { 'application/json': { schema: bodySchema }, 'text/csv': { schema: csvBody } } },
        response: {
          200: { description: 'Every prediction was stored before, or store=false.', ...ref('Predicted') },
          201: {
            description: 'At least one prediction is new.',
            headers: { location: { type: 'string', description: 'Path of the prediction, when it is one.' } },
            ...ref('Predicted'),
          },
          '4xx': problemResponse('What was sent cannot be predicted from.'),
          '5xx': problemResponse('The service cannot answer now.'),
        },
      },
      onRequest: (request, reply, done) => {
        // A body of unknown length counts as 1 MB: ten times that of an ordinary frame.
        const leave = admission.enter(Number(request.headers['content-length'] ?? 1024 ** 2))
        reply.raw.once('close', leave)
        done()
      },
    },
    async (request, reply) => {
      const received = performance.now()
      const { headers, query } = request
      const asked = readRequest({
        contentType: headers['content-type'] ?? 'application/json',
        contentEncoding: headers['content-encoding'],
        body: (request.body as Buffer | undefined) ?? Buffer.alloc(0),
        query,
      })
      // Nothing of it is needed any more, and the framework would hold it until the store has answered.
      request.body = undefined
      observe('parse', secondsSince(received))
      const { nBars } = asked.submission

      const { predictions, skipped, anyNew } = await predict(asked)

      const answered = performance.now()
      reply.code(anyNew ? 201 : 200)
      if (anyNew && predictions.length === 1) reply.header('location', `/predictions/${predictions[0]!.id}`)
      reply.type('application/json; charset=utf-8')
      const text = reply.serialize({ predictions: predictions.map(toAnswer), ...(skipped.length > 0 && { skipped }) })
      observe('serialise', secondsSince(answered))
      request.log.debug({ predictions: predictions.length, bars: nBars, stored: asked.store }, 'predicted')
      return reply.send(text)
    },
  )
}

function listRoute(app: FastifyInstance, { reader, store }: PredictionParts): void {
  // Part of every entity tag: after a restart the file may be another one, such as a backup, whose numbers mean other rows.
  const edition = randomUUID()
  app.withTypeProvider<ZodTypeProvider>().get(
    '/predictions',
    {
      schema: {
        operationId: 'listPredictions',
        summary: 'Stored predictions by bar time',
        description:
          'Pages by cursor; Link names the next page. As CSV with Accept: text/csv. The ETag changes with every prediction stored.',
        tags,
        querystring: listQuerySchema,
        response: {
          200: {
            description: 'One page.',
            headers: {
              etag: { type: 'string', description: 'Weak entity tag; send it as If-None-Match.' },
              link: { type: 'string', description: 'The next page, rel="next"; absent on the last.' },
            },
            content: { 'application/json': { schema: ref('PredictionPage') }, 'text/csv': { schema: { type: 'string' } } },
          },
          304: { description: 'Nothing changed since the ETag in If-None-Match.', type: 'null' },
          '4xx': problemResponse('The query is not valid.'),
          '5xx': problemResponse('The store cannot answer.'),
        },
      },
    },
    async (request, reply) => {
      const { headers, query } = request
      const format = negotiate(headers.accept, ['application/json', 'text/csv'])
      const { from: fromMs, to: toMs, history, ...rest } = query
      if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) throw invalidAt('from', 'from is later than to')
      // Taken before the rows are read: a commit in between makes the tag too old, never too new.
      const etag = `W/"${edition}-${await store.revision()}-${format === 'text/csv' ? 'csv' : 'json'}"`
      const caching = { etag, vary: 'accept', 'cache-control': 'no-cache' }
      if (matchesEtag(headers['if-none-match'], etag)) return reply.code(304).headers(caching).send()

      const { predictions, nextCursor } = await reader.page({
        ...rest,
        ...(fromMs === undefined ? {} : { fromMs }),
        ...(toMs === undefined ? {} : { toMs }),
        history: history === 'all',
      })
      reply.headers(caching)
      if (nextCursor !== null) reply.header('link', nextLink(request.url, nextCursor))
      if (format === 'text/csv') return reply.type('text/csv; charset=utf-8; header=present').send(toCsv(predictions))
      return reply.type('application/json; charset=utf-8').send({ predictions: predictions.map(toAnswer), next_cursor: nextCursor })
    },
  )
}

function findRoute(app: FastifyInstance, { reader }: PredictionParts): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/predictions/:id',
    {
      schema: {
        operationId: 'getPrediction',
        summary: 'One stored prediction',
        description: 'Current or superseded.',
        tags,
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
      return toAnswer(found)
    },
  )
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000
}
