import type { FastifyInstance } from 'fastify'
import type { Store } from '../store/store.js'
import { createComputeRows } from './compute-rows.js'
import { computeRoute, type ComputeRouteParts } from './compute-route.js'
import { keysRoute } from './keys-route.js'
import { rowsRoute } from './rows-route.js'

export interface FeatureParts extends Pick<ComputeRouteParts, 'catalogues' | 'admission'> {
  readonly store: Pick<Store, 'features' | 'candles'>
  /** The server's clock, epoch milliseconds. */
  readonly nowMs: () => number
}

/** POST /features, GET /features, GET /features/keys. */
export function featureRoutes(app: FastifyInstance, { catalogues, admission, store, nowMs }: FeatureParts): void {
  computeRoute(app, { computeRows: createComputeRows({ store, nowMs }), catalogues, admission })
  rowsRoute(app, { features: store.features })
  keysRoute(app, { features: store.features })
}
