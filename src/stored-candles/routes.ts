import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Store } from '../store/store.js'
import { createCandleChanges } from './changes.js'
import { coverageRoute } from './coverage-route.js'
import { keepRoute, type KeepRouteParts } from './keep-route.js'
import { readRoute } from './read-route.js'
import { revisionsRoute } from './revisions-route.js'

export interface CandleParts extends Omit<KeepRouteParts, 'candles'> {
  readonly store: Pick<Store, 'candles' | 'onCommit'>
}

/** POST /candles, GET /candles, /candles/coverage and /candles/revisions. */
export function candleRoutes(app: FastifyInstance, { store, ...parts }: CandleParts): void {
  const { candles } = store
  const changes = createCandleChanges(store)
  // Part of every entity tag: after a restart the file may be another one, whose numbers mean other rows.
  const edition = randomUUID()
  keepRoute(app, { candles, ...parts })
  readRoute(app, { candles, changes, edition })
  coverageRoute(app, { candles, changes, edition })
  revisionsRoute(app, { candles })
}
