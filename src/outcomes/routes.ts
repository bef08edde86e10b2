import type { FastifyInstance } from 'fastify'
import type { Store } from '../store/store.js'
import { historyRoute } from './history-route.js'
import { binsRoute, performanceRoute } from './performance-routes.js'
import type { Settler } from './settler.js'

export interface OutcomeParts {
  readonly store: Pick<Store, 'find' | 'outcomes'>
  readonly settler: Pick<Settler, 'idle'>
}

/** GET /predictions/:id/outcomes, /performance and /performance/bins. */
export function outcomeRoutes(app: FastifyInstance, parts: OutcomeParts): void {
  historyRoute(app, parts)
  performanceRoute(app, parts)
  binsRoute(app, parts)
}
