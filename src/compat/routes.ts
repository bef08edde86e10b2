import type { FastifyInstance } from 'fastify'
import type { Registry as Metrics } from 'prom-client'
import type { CompatName } from './compat-names.js'
import { cryptoBotRoutes, type CryptoBotParts } from './crypto-bot-routes.js'
import { mlLayer1Metrics } from './ml-layer-1-metrics.js'
import { mlLayer1Routes, type MlLayer1Parts } from './ml-layer-1-routes.js'

/** The endpoints of other systems, so that dashboards go on working; see docs/compat.md. */
export function compatRoutes(
  app: FastifyInstance,
  enabled: readonly CompatName[],
  parts: CryptoBotParts & MlLayer1Parts & { readonly registers: readonly Metrics[] },
): void {
  const plugins = {
    'crypto-bot': () => cryptoBotRoutes(app, parts),
    'ml-layer-1': () => {
      mlLayer1Routes(app, parts)
      for (const register of parts.registers) mlLayer1Metrics(register, parts.registry)
    },
  } satisfies Record<CompatName, () => void>
  for (const name of new Set(enabled)) plugins[name]()
}
