import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import { buildApp, type Parts } from '../../src/app.js'
import { loadConfig } from '../../src/config.js'
import { multiTimeframe } from '../../src/features/multi-timeframe/catalogue.js'
import { createMetrics } from '../../src/health/metrics.js'
import { openRegistry } from '../../src/models/registry.js'
import { createPredict } from '../../src/predictions/predict.js'
import { createReader } from '../../src/predictions/read.js'
import { openDuckdbStore } from '../../src/store/duckdb.js'

export interface Service {
  readonly app: FastifyInstance
  readonly parts: Parts
  readonly post: (body: unknown, query?: string, headers?: Record<string, string>) => Promise<LightMyRequestResponse>
  readonly get: (url: string, headers?: Record<string, string>) => Promise<LightMyRequestResponse>
}

interface Options {
  /** Settings, as in the environment. */
  readonly env?: Record<string, string>
  /** The server's clock, epoch milliseconds. */
  readonly nowMs?: () => number
  /** Do not wait until the models are loaded. */
  readonly atOnce?: boolean
  /** Parts to put in place of the real ones. */
  readonly swap?: (parts: Parts) => Partial<Parts>
}

/** The app that ships, on its real parts: the sample models and a database in memory unless `env` says otherwise. Closed with the test. */
export async function startService(t: Test, { env = {}, nowMs = Date.now, atOnce = false, swap }: Options = {}): Promise<Service> {
  const config = loadConfig({ BARCAST_DATABASE: ':memory:', ...env })
  const metrics = createMetrics()
  const catalogues = [multiTimeframe()]
  const { models: directory, checksums, allowUnsigned } = config
  const registry = await openRegistry({ directory, checksums, allowUnsigned, catalogues })
  const store = await openDuckdbStore({ path: config.database, onCommit: metrics.commit })
  const predict = createPredict({ registry, catalogues, store, nowMs, observe: metrics.stage, count: metrics.prediction })
  const parts: Parts = { registry, catalogues, store, predict, reader: createReader({ store }), metrics, version: '0.0.0-test' }
  const app = await buildApp(config, { ...parts, ...swap?.(parts) })
  t.teardown(async () => {
    await app.close()
    registry.close()
    await store.close()
  })
  if (!atOnce) await registry.loaded
  return {
    app,
    parts,
    post: (body, query = '', headers = {}) => {
      const isBytes = typeof body === 'string' || Buffer.isBuffer(body)
      const payload = isBytes ? body : JSON.stringify(body)
      return app.inject({ method: 'POST', url: `/predict${query}`, payload, headers: { 'content-type': 'application/json', ...headers } })
    },
    get: (url, headers = {}) => app.inject({ method: 'GET', url, headers }),
  }
}

/** A folder that is gone after the test. */
export function temporaryFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'barcast-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A models directory of its own with copies of some sample models; the folder and a way to add more. */
export function copyModels(t: Test, names: readonly string[]): string {
  const directory = temporaryFolder(t)
  for (const name of names) cpSync(join(loadConfig({}).models, name), join(directory, name), { recursive: true })
  return directory
}
