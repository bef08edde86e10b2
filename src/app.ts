import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify'
import type { Config } from './config.js'
import type { Catalogue } from './features/catalogue.js'
import type { Metrics } from './health/metrics.js'
import { createReadiness } from './health/readiness.js'
import { healthRoutes } from './health/routes.js'
import { createAdmission } from './http/admission.js'
import { addComponents } from './http/components.js'
import { drainBeforeClose } from './http/drain.js'
import { answerMalformed } from './http/malformed.js'
import { addDocs, addOpenapi } from './http/openapi.js'
import { addProblemReplies, pathOf, sendProblem } from './http/problem-replies.js'
import { requestId } from './http/request-id.js'
import { collectRouteMethods } from './http/route-methods.js'
import { toProblem } from './http/to-problem.js'
import { validatorCompiler } from './http/validator-compiler.js'
import { modelRoutes } from './model-listing/routes.js'
import type { Registry } from './models/registry.js'
import type { PredictRequest, PredictResult } from './predictions/predict.js'
import type { Reader } from './predictions/read.js'
import { predictionRoutes } from './predictions/routes.js'
import type { Store } from './store/store.js'

/** What the app is built around. Whoever made them closes them, after the app. */
export interface Parts {
  readonly registry: Registry
  readonly catalogues: readonly Catalogue[]
  readonly store: Store
  readonly predict: (request: PredictRequest) => Promise<PredictResult>
  readonly reader: Reader
  readonly metrics: Metrics
  /** Version of this package. */
  readonly version: string
  /** Silent when there is none. */
  readonly logger?: FastifyBaseLogger
}

const maxConnections = 2_048
/** Predictions in the works at once; see `createAdmission`. */
const maxPredictions = 1_000
const maxPredictionBytes = 256 * 1024 ** 2

/** The HTTP service: every plugin and every route, in order. It does not listen yet. */
export async function buildApp(config: Pick<Config, 'bodyLimitBytes' | 'requiredModels'>, parts: Parts): Promise<FastifyInstance> {
  const { registry, catalogues, store, predict, reader, metrics, version, logger } = parts
  const limits = { bodyLimitBytes: config.bodyLimitBytes }
  const app: FastifyInstance = fastify({
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestId,
    bodyLimit: config.bodyLimitBytes,
    routerOptions: { maxParamLength: 200 },
    requestTimeout: 60_000,
    keepAliveTimeout: 72_000,
    connectionTimeout: 120_000,
    http: { headersTimeout: 30_000 },
    // Requests that arrive while the server closes are answered like any other, the last on their connection.
    return503OnClosing: false,
    schemaController: { compilersFactory },
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, toProblem(error, limits)),
    clientErrorHandler: (error, socket) => answerMalformed(error, socket, app.log),
  })
  app.server.maxConnections = maxConnections

  addProblemReplies(app, limits, collectRouteMethods(app))
  const { isClosing } = drainBeforeClose(app)
  addRequestHooks(app, metrics)
  readBodiesAsBytes(app)
  addComponents(app)

  await addOpenapi(app, version)
  predictionRoutes(app, {
    predict,
    reader,
    store,
    admission: createAdmission({ maxRequests: maxPredictions, maxBytes: Math.max(maxPredictionBytes, 4 * config.bodyLimitBytes) }),
    observe: metrics.stage,
  })
  modelRoutes(app, { registry, catalogues })
  metrics.watchModels(() => registry.entries().map(({ state }) => state))
  healthRoutes(app, { readiness: createReadiness({ registry, store, requiredModels: config.requiredModels, isClosing }), metrics })
  await addDocs(app)
  return app
}

/**
 * Given when the app is made, so that Fastify does not load its own: ajv and its company took 100 ms of the start. Compiled serialisers
 * build ropes: 10,000 predictions took 210–470 ms against 50–130 ms, one took 2.4 µs against 4. The cast: the types know ajv only.
 */
const compilersFactory = {
  buildValidator: () => validatorCompiler,
  buildSerializer: () => () => (answer: unknown) => JSON.stringify(answer),
} as unknown as NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>

/** Asked every few seconds by machines: logged at debug only. */
const probes = new Set(['/livez', '/readyz', '/metrics'])

/** Headers that every answer carries, one line in the log and one measurement per request. */
function addRequestHooks(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request
    const ms = reply.elapsedTime
    metrics.request(method, routeOptions.url ?? 'unmatched', reply.statusCode, ms / 1000)
    const level = probes.has(routeOptions.url ?? '') ? 'debug' : 'info'
    request.log[level]({ method, path: pathOf(request.url), status: reply.statusCode, ms: Math.round(ms * 100) / 100 }, 'answered')
    done()
  })
}

/** Bodies stay bytes: the route reads them, so that candles are neither copied nor walked on the way. */
function readBodiesAsBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(['application/json', 'text/csv'], { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}
