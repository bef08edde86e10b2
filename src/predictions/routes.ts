import { performance } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Admission } from '../http/admission.js'
import { admit } from '../http/admit.js'
import { problemResponse, ref } from '../http/components.js'
import { rawBody } from '../http/raw-body.js'
import { toAnswer, toScore } from './answer.js'
import { bodySchema } from './body-schema.js'
import { findRoute } from './find-route.js'
import { iso } from '../iso.js'
import { type ListParts, listRoute } from './list-route.js'
import type { PredictRequest, PredictResult } from './predict.js'
import { predictQuerySchema } from './query-schema.js'
import { createReadRequest } from './read-request.js'
import type { SkippedBar } from './skipped-bar.js'
import type { Term } from './term-structure.js'

export interface PredictionParts extends ListParts {
  readonly predict: (request: PredictRequest) => Promise<PredictResult>
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

function predictRoute(app: FastifyInstance, { predict, outcomesOf, admission, observe }: PredictionParts): void {
  const readRequest = createReadRequest()
  app.withTypeProvider<ZodTypeProvider>().post(
    '/predict',
    {
      schema: {
        operationId: 'predict',
        summary: 'Predict from candles, or from ready features',
        description:
          'Computes the features that each model was trained with, scores them and stores the prediction; answers after it is durable. ' +
          'The same candles give the same id, and nothing new is stored. Closed candles are kept, too; without candles the stored ones are used. ' +
          '`bars` asks for many bars at once: one answer, one commit.',
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
      onRequest: admit(admission),
    },
    async (request, reply) => {
      const received = performance.now()
      const { query } = request
      const asked = readRequest({ ...rawBody(request), query })
      // Nothing of it is needed any more, and the framework would hold it until the store has answered.
      request.body = undefined
      observe('parse', secondsSince(received))
      const nBars = asked.submission?.nBars ?? 0

      const { predictions, known, skipped, ignoredColumns, terms, anyNew } = await predict(asked)
      const outcomes = known.length === 0 ? undefined : await outcomesOf(known)

      const answered = performance.now()
      reply.code(anyNew ? 201 : 200)
      if (anyNew && predictions.length === 1) reply.header('location', `/predictions/${predictions[0]!.id}`)
      reply.type('application/json; charset=utf-8')
      const text = reply.serialize({
        predictions: predictions.map((made) => toAnswer(made, outcomes?.get(made.id))),
        ...(skipped.length > 0 && { skipped: skipped.map(toSkipped) }),
        ...(terms !== undefined && { term_structure: terms.map(toTerm) }),
        ...(ignoredColumns.length > 0 && { ignored_columns: ignoredColumns }),
      })
      observe('serialise', secondsSince(answered))
      request.log.debug({ predictions: predictions.length, bars: nBars, stored: asked.store }, 'predicted')
      return reply.send(text)
    },
  )
}

function toSkipped({ model, barTimeMs, code, detail }: SkippedBar) {
  return { model, bar_time: iso(barTimeMs), code, detail }
}

function toTerm({ barTimeMs, horizonBars, settlesAtMs, prediction, family, passedOver }: Term) {
  return {
    bar_time: iso(barTimeMs),
    horizon_bars: horizonBars,
    settles_at: iso(settlesAtMs),
    model: prediction?.model ?? null,
    family: family ?? null,
    id: prediction?.id ?? null,
    y_pred: prediction === undefined ? null : toScore(prediction.yPred),
    ...(passedOver.length > 0 && { passed_over: passedOver }),
  }
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000
}
