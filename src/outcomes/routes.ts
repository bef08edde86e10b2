import type { FastifyInstance } from 'fastify'
import type { Registry } from '../models/registry.js'
import type { Store } from '../store/store.js'
import { createClassNames } from './class-names.js'
import { historyRoute } from './history-route.js'
import { binsRoute, performanceRoute } from './performance-routes.js'
import { promotionRoute } from './promotion-route.js'
import type { Settler } from './settler.js'

export interface OutcomeParts {
  readonly store: Pick<Store, 'find' | 'outcomes'>
  readonly settler: Pick<Settler, 'idle'>
  readonly registry: Pick<Registry, 'entry'>
}

/** GET /predictions/:id/outcomes, /performance, /performance/bins and /performance/promotion. */
export function outcomeRoutes(app: FastifyInstance, { store, settler, registry }: OutcomeParts): void {
  const classNames = createClassNames(registry)
  historyRoute(app, { store })
  performanceRoute(app, { store, settler, classNames })
  binsRoute(app, { store, settler, classNames })
  promotionRoute(app, { store, settler })
}
