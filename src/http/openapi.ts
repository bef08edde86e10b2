import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifySchema } from 'fastify'
import { z } from 'zod'

/** Collects the routes that follow into an OpenAPI document. Register it before them. */
export async function addOpenapi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'barcast',
        version,
        description: 'OHLCV candles in, provable LightGBM predictions out.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'predictions', description: 'Predict from candles, read what was predicted.' },
        { name: 'candles', description: 'Closed bars, kept with every value they ever had.' },
        { name: 'features', description: 'Feature values: computed without a model, or kept beside predictions.' },
        { name: 'models', description: 'What can be asked.' },
        { name: 'health', description: 'For orchestrators and monitors.' },
      ],
    },
    refResolver: { buildLocalReference: ({ $id }, _base, _fragment, index) => (typeof $id === 'string' ? $id : `def-${index}`) },
    transform: ({ schema, url }) => ({ schema: toJsonSchemas(schema), url }),
  })
}

/** GET /docs, and GET /openapi.json for programs. */
export async function addDocs(app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: docsPolicy, theme: { title: 'barcast' } })
  let document: string | undefined
  app.get('/openapi.json', { schema: { hide: true, querystring: z.strictObject({}) } }, (_request, reply) => {
    document ??= JSON.stringify(app.swagger())
    return reply.type('application/json; charset=utf-8').send(document)
  })
}

/** The page brings its own scripts and styles; Swagger UI sets inline styles and draws with data: images. */
const docsPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"

/** What the routes state in zod, as JSON Schema; answers are JSON Schema already. */
function toJsonSchemas(schema: FastifySchema | undefined): FastifySchema {
  if (schema === undefined) return { hide: true }
  const { body, querystring, params, ...rest } = schema
  return {
    ...rest,
    ...(querystring === undefined ? {} : { querystring: toJsonSchema(querystring) }),
    ...(params === undefined ? {} : { params: toJsonSchema(params) }),
    ...(body === undefined ? {} : { body: toBody(body as Body) }),
  }
}

interface Body {
  readonly content: Readonly<Record<string, { readonly schema: unknown }>>
}

function toBody({ content }: Body) {
  return { content: Object.fromEntries(Object.entries(content).map(([type, { schema }]) => [type, { schema: toJsonSchema(schema) }])) }
}

function toJsonSchema(schema: unknown) {
  if (!(schema instanceof z.ZodType)) return schema
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}
