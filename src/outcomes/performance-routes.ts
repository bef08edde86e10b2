import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { problemResponse, ref } from '../http/components.js'
import { negotiate } from '../http/negotiate.js'
import { openTimeRange } from '../http/open-time-range.js'
import type { OutcomeScan } from '../store/outcome-store.js'
import type { Store } from '../store/store.js'
import type { ClassNames } from './class-names.js'
import { performanceOf } from './performance.js'
import { performanceBins } from './performance-bins.js'
import { performanceCsv } from './performance-csv.js'
import { binsQuerySchema, performanceQuerySchema } from './query-schema.js'
import type { Settler } from './settler.js'
import { untilSettled } from './until-settled.js'
import { parseWindow, type Window } from './window.js'

interface PerformanceParts {
  readonly store: Pick<Store, 'outcomes'>
  readonly settler: Pick<Settler, 'idle'>
  readonly classNames: ClassNames
}

const tags = ['outcomes']

/** GET /performance. */
export function performanceRoute(app: FastifyInstance, { store, settler, classNames }: PerformanceParts): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/performance',
    {
      schema: {
        operationId: 'getPerformance',
        summary: 'How good predictions were',
        description:
          'Per model, symbol and timeframe: counts, scores with those of a forecaster without skill beside them, by month and rolling. ' +
          'Current predictions only. The months as CSV with Accept: text/csv.',
        tags,
        querystring: performanceQuerySchema,
        response: {
          200: {
            description: 'One entry per model and series that has predictions.',
            content: { 'application/json': { schema: ref('Performance') }, 'text/csv': { schema: { type: 'string' } } },
          },
          '4xx': problemResponse('The query is not valid.'),
          '5xx': problemResponse('The store cannot answer.'),
        },
      },
    },
    async (request, reply) => {
      const { window, ...which } = request.query
      const format = negotiate(request.headers.accept, ['application/json', 'text/csv'])
      const scan = toScan(which)
      await untilSettled(settler)
      const performance = await performanceOf(store.outcomes, scan, parseWindow(window) as Window, classNames)
      reply.headers({ vary: 'accept', 'cache-control': 'no-cache' })
      if (format === 'text/csv') return reply.type('text/csv; charset=utf-8; header=present').send(performanceCsv(performance))
      return reply.type('application/json; charset=utf-8').send({ window, performance })
    },
  )
}

/** GET /performance/bins. */
export function binsRoute(app: FastifyInstance, { store, settler, classNames }: PerformanceParts): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/performance/bins',
    {
      schema: {
        operationId: 'getPerformanceBins',
        summary: 'What happened, by size of the prediction',
        description: 'Bins with equally many predictions each: their bounds, what happened in each, and calibration.',
        tags,
        querystring: binsQuerySchema,
        response: {
          200: { description: 'The bins of one model on one series.', ...ref('PerformanceBins') },
          '4xx': problemResponse('The query is not valid, or there is no such prediction.'),
          '5xx': problemResponse('The store cannot answer.'),
        },
      },
    },
    async (request) => {
      const { model, bins, class: k, assign = [], mode, reference_from, reference_to, ...which } = request.query
      const scan = { ...toScan(which), model }
      const ofReference = openTimeRange({ from: reference_from, to: reference_to }, 'reference_from')
      const reference = reference_from === undefined && reference_to === undefined ? undefined : ofReference
      await untilSettled(settler)
      return performanceBins(store.outcomes, { scan, reference, nBins: bins, class: k, classNames, assign, mode })
    },
  )
}

interface Which {
  readonly model?: string | undefined
  readonly symbol?: string | undefined
  readonly timeframe?: string | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
}

function toScan({ model, symbol, timeframe, ...range }: Which): OutcomeScan {
  return {
    ...(model !== undefined && { model }),
    ...(symbol !== undefined && { symbol }),
    ...(timeframe !== undefined && { timeframe }),
    ...openTimeRange(range),
  }
}
