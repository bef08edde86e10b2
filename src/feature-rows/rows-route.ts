import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { problemResponse, ref } from '../http/components.js'
import { openTimeRange } from '../http/open-time-range.js'
import { createPageCursor } from '../http/page-cursor.js'
import { nextLink } from '../predictions/next-link.js'
import type { FeatureStore, StoredFeatures } from '../store/feature-store.js'
import { chooseKey } from './choose-key.js'
import type { FeatureTable } from './feature-table.js'
import { rowsQuerySchema } from './query-schema.js'
import { sendTable, tableFormat } from './send-table.js'

const pageCursor = createPageCursor('barcast features cursor 1', ['number'])

/** GET /features. */
export function rowsRoute(app: FastifyInstance, { features }: { readonly features: FeatureStore }): void {
  app.withTypeProvider<ZodTypeProvider>().get('/features', { schema: rowsSchema }, async (request, reply) => {
    const format = tableFormat(request.headers.accept)
    const { from, to, order, limit, cursor, ...wanted } = request.query
    const range = openTimeRange({ from, to })
    const question = [wanted.feature_key, wanted.symbol, wanted.timeframe, range.fromMs, range.toMs, order]
    const place = cursor === undefined ? undefined : pageCursor.read(question, cursor)
    const key = await chooseKey(features, wanted)
    // One more than asked: whether it exists says whether there is a next page.
    const found =
      key === undefined
        ? []
        : await features.list({
            ...key,
            ...range,
            ...(place !== undefined && { afterMs: place[0] as number }),
            order,
            limit: limit + 1,
          })
    const rows = found.slice(0, limit)
    const nextCursor = found.length > limit ? pageCursor.write(question, [rows[rows.length - 1]!.barTimeMs]) : null
    if (nextCursor !== null) reply.header('link', nextLink(request.url, nextCursor))
    const before = { feature_key: key?.featureKey ?? null, symbol: key?.symbol ?? null, timeframe: key?.timeframe ?? null }
    return sendTable(reply, format, toTable(rows), { before, after: { next_cursor: nextCursor } })
  })
}

/** Rows with other names than others lack values there: NaN. */
function toTable(rows: readonly StoredFeatures[]): FeatureTable {
  const places = new Map<string, number>()
  for (const { names } of rows) for (const name of names) if (!places.has(name)) places.set(name, places.size)
  const values = new Float64Array(rows.length * places.size).fill(NaN)
  rows.forEach((row, k) => row.names.forEach((name, j) => (values[k * places.size + places.get(name)!] = row.values[j]!)))
  const blocks = rows.length === 0 ? [] : [{ openTimeMs: rows.map(({ barTimeMs }) => barTimeMs), values }]
  return { names: [...places.keys()], nRows: rows.length, blocks }
}

const rowsSchema = {
  operationId: 'listFeatures',
  summary: 'Stored feature values',
  description:
    'Values that predictions used, kept under a key, one row per bar. Pages by cursor; Link names the next page. By Accept also CSV and Parquet. The ' +
    'JSON answer can be sent to POST /predict as `features`. A value that a bar does not have is null.',
  tags: ['features'],
  querystring: rowsQuerySchema,
  response: {
    200: {
      description: 'One page; no rows when nothing is stored.',
      headers: { link: { type: 'string', description: 'The next page, rel="next"; absent on the last.' } },
      content: {
        'application/json': { schema: ref('StoredFeatures') },
        'text/csv': { schema: { type: 'string' } },
        'application/vnd.apache.parquet': { schema: { type: 'string', format: 'binary' } },
      },
    },
    '4xx': problemResponse('The query is not valid.'),
    '5xx': problemResponse('The store cannot answer.'),
  },
}
