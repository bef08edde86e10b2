import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Catalogue } from '../features/catalogue.js'
import type { Admission } from '../http/admission.js'
import { admit } from '../http/admit.js'
import { problemResponse, ref } from '../http/components.js'
import { rawBody } from '../http/raw-body.js'
import { iso } from '../iso.js'
import { computeBodySchema } from './body-schema.js'
import type { ComputedRows, ComputeRequest } from './compute-rows.js'
import { computeQuerySchema } from './query-schema.js'
import { readComputeRequest } from './read-compute-request.js'
import { sendTable, tableFormat } from './send-table.js'

export interface ComputeRouteParts {
  readonly computeRows: (request: ComputeRequest) => Promise<ComputedRows>
  readonly catalogues: readonly Catalogue[]
  readonly admission: Admission
}

const csvBody = z.string().describe('A header that names the columns, then a line per bar; the other fields are query parameters.')

/** POST /features. */
export function computeRoute(app: FastifyInstance, { computeRows, catalogues, admission }: ComputeRouteParts): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/features',
    {
      schema: {
        operationId: 'computeFeatures',
        summary: 'Features of candles, without a model',
        description:
          'Computes features of the newest closed bar, or of the bars asked for, from candles that are sent or stored. Nothing is stored. By Accept ' +
          'also CSV and Parquet. The JSON answer can be sent to POST /predict as `features`.',
        tags: ['features'],
        querystring: computeQuerySchema,
        body: { content: { 'application/json': { schema: computeBodySchema }, 'text/csv': { schema: csvBody } } },
        response: {
          200: {
            description: 'One row per bar, oldest first.',
            content: {
              'application/json': { schema: ref('ComputedFeatures') },
              'text/csv': { schema: { type: 'string' } },
              'application/vnd.apache.parquet': { schema: { type: 'string', format: 'binary' } },
            },
          },
          '4xx': problemResponse('Features cannot be computed from what was sent.'),
          '5xx': problemResponse('The service cannot answer now.'),
        },
      },
      onRequest: admit(admission),
    },
    async (request, reply) => {
      const { headers, query } = request
      const format = tableFormat(headers.accept)
      const asked = readComputeRequest(rawBody(request), query, catalogues)
      request.body = undefined
      const { skipped, ...table } = await computeRows(asked)
      const { catalogue, window } = asked
      const before = { catalogue: catalogue.name, version: catalogue.version, base_bars: window.baseBars, buffer_bars: window.bufferBars }
      const left = skipped.map(({ barTimeMs, code, detail }) => ({ bar_time: iso(barTimeMs), code, detail }))
      return sendTable(reply, format, table, { before, ...(left.length > 0 && { after: { skipped: left } }) })
    },
  )
}
