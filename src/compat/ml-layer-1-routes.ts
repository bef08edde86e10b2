import type { FastifyInstance } from 'fastify'
import type { Readiness } from '../health/readiness.js'
import type { Registry } from '../models/registry.js'
import type { Store } from '../store/store.js'
import { mlLayer1Models } from './ml-layer-1-models.js'
import { withMicroseconds } from './python-time.js'

export interface MlLayer1Parts {
  readonly registry: Pick<Registry, 'entries'>
  readonly store: Pick<Store, 'lines'>
  readonly readiness: () => Promise<Readiness>
  readonly nowMs: () => number
}

/** GET /health, where ML layer 1's services are asked: open, 200 when the service is ready, 503 otherwise. */
export function mlLayer1Routes(app: FastifyInstance, { registry, store, readiness, nowMs }: MlLayer1Parts): void {
  app.get('/health', { schema: { hide: true } }, async (_request, reply) => {
    const { ready: isReady } = await readiness()
    const { lgbm, mamba, enabled, ready, horizons } = mlLayer1Models(registry)
    const newest = isReady ? (await store.lines()).filter(({ model }) => horizons.has(model)).map(({ newestMs }) => newestMs) : []
    return reply.code(isReady ? 200 : 503).send({
      status: isReady ? 'healthy' : 'unhealthy',
      enabled,
      ready: isReady && ready,
      models: { mamba: mamba > 0, lgbm },
      last_candle_time: newest.length === 0 ? null : withMicroseconds(Math.max(...newest)),
      timestamp: withMicroseconds(nowMs()),
    })
  })
}
