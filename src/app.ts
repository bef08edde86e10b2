import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify'
import { backfillRoutes } from './backfills/routes.js'
import { compatRoutes } from './compat/routes.js'
import type { Config } from './config.js'
import { featureRoutes } from './feature-rows/routes.js'
import type { Catalogue } from './features/catalogue.js'
import type { Following } from './following/follow.js'
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
import { createWaiting } from './http/waiting.js'
import type { JobRunner } from './jobs/runner.js'
import { modelRoutes } from './model-listing/routes.js'
import type { Registry } from './models/registry.js'
import { createOutcomesOf, createToAnswers } from './predictions/answers.js'
import { createChanges } from './predictions/changes.js'
import { outcomeRoutes } from './outcomes/routes.js'
import type { Settler } from './outcomes/settler.js'
import type { PredictRequest, PredictResult } from './predictions/predict.js'
import type { Reader } from './predictions/read.js'
import { predictionRoutes } from './predictions/routes.js'
import type { Replayer } from './replays/replayer.js'
import { replayRoutes } from './replays/routes.js'
import { seriesRoutes } from './series/routes.js'
import { snapshotRoutes } from './snapshots/routes.js'
import type { Snapshots } from './snapshots/snapshots.js'
import type { Store } from './store/store.js'
import { candleRoutes } from './stored-candles/routes.js'

/** What the app is built around. Whoever made them closes them, after the app. */
export interface Parts {
  readonly registry: Registry
  readonly catalogues: readonly Catalogue[]
  readonly store: Store
  readonly predict: (request: PredictRequest) => Promise<PredictResult>
  readonly reader: Reader
  readonly snapshots: Snapshots
  /** Finds out in the background whether predictions came true. */
  readonly settler: Settler
  /** Work that outlives its request; `serve` takes up what a process before this one left. */
  readonly jobs: JobRunner
  readonly replayer: Replayer
  readonly metrics: Metrics
  /** What BARCAST_FOLLOW names; `serve` begins it. */
  readonly following?: Following
  /** The server's clock, epoch milliseconds; `Date.now` when there is none. */
  readonly nowMs?: () => number
  /** Version of this package. */
  readonly version: string
  /** Silent when there is none. */
  readonly logger?: FastifyBaseLogger
}

const maxConnections = 2_048
/** Predictions in the works at once; see `createAdmission`. */
const maxPredictions = 1_000
const maxPredictionBytes = 256 * 1024 ** 2
/** Clients that wait for news at once: half of the connections. */
const maxWaits = 1_024

/** The HTTP service: every plugin and every route, in order. It does not listen yet. */
export async function buildApp(
  config: Pick<Config, 'bodyLimitBytes' | 'requiredModels'> & Partial<Pick<Config, 'compat'>>,
  parts: Parts,
): Promise<FastifyInstance> {
  const { registry, catalogues, store, predict, reader, metrics, nowMs = Date.now, version, logger } = parts
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
  // Before the draining, which waits for every answer.
  const waiting = createWaiting({ maxWaits })
  app.addHook('preClose', (done) => {
    waiting.close()
    done()
  })
  const { isClosing } = drainBeforeClose(app)
  addRequestHooks(app, metrics)
  readBodiesAsBytes(app)
  addComponents(app)

  await addOpenapi(app, version)
  const outcomesOf = createOutcomesOf(store.outcomes, nowMs)
  const admission = createAdmission({
    maxRequests: maxPredictions,
    maxBytes: Math.max(maxPredictionBytes, 4 * config.bodyLimitBytes),
  })
  predictionRoutes(app, {
    predict,
    reader,
    changes: createChanges(store),
    waiting,
    outcomesOf,
    toAnswers: createToAnswers(outcomesOf),
    nowMs,
    admission,
    observe: metrics.stage,
  })
  seriesRoutes(app, { store, registry, nowMs, outcomesOf })
  featureRoutes(app, { catalogues, store, admission, nowMs })
  candleRoutes(app, { store, admission, nowMs, count: metrics.candles })
  store.onCommit(({ candles }) => metrics.candleRevisions(candles.reduce((bars, { revised }) => bars + revised.length, 0)))
  outcomeRoutes(app, { store, settler: parts.settler, registry })
  backfillRoutes(app, { registry, store, nowMs, jobs: parts.jobs })
  replayRoutes(app, { registry, store, replayer: parts.replayer, jobs: parts.jobs, count: metrics.replay })
  modelRoutes(app, { registry, catalogues })
  snapshotRoutes(app, { snapshots: parts.snapshots })
  metrics.watchModels(() => registry.entries().map(({ state }) => state))
  const readiness = createReadiness({ registry, store, requiredModels: config.requiredModels, isClosing, following: parts.following })
  healthRoutes(app, { readiness, metrics })
  compatRoutes(app, config.compat ?? [], { registry, store, readiness, nowMs, registers: metrics.registers })
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
const probes = new Set(['/livez', '/readyz', '/metrics', '/health'])

/** Headers that every answer carries, one line in the log and one measurement per request. */
function addRequestHooks(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onRequest', (request, reply, done) => {
    // One by one: `reply.headers` walks an object's names for every request.
    reply.header('x-request-id', request.id)
    reply.header('x-content-type-options', 'nosniff')
    reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
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
