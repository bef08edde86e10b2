import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import { buildApp, type Parts } from '../../src/app.js'
import { loadConfig } from '../../src/config.js'
import { openParts } from '../../src/open-parts.js'
import { temporaryFolder } from './temporary-folder.js'

export { temporaryFolder }

export interface Service {
  readonly app: FastifyInstance
  readonly parts: Parts
  readonly post: (body: unknown, query?: string, headers?: Record<string, string>) => Promise<LightMyRequestResponse>
  readonly get: (url: string, headers?: Record<string, string>) => Promise<LightMyRequestResponse>
  /** Ends it before the test does. */
  readonly close: () => Promise<void>
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
  const { parts, close: closeParts } = await openParts(config, { version: '0.0.0-test', nowMs })
  const app = await buildApp(config, { ...parts, ...swap?.(parts) })
  let closed: Promise<void> | undefined
  const close = () => (closed ??= app.close().then(closeParts))
  t.teardown(close)
  if (!atOnce) await parts.registry.loaded
  return {
    app,
    parts,
    close,
    post: (body, query = '', headers = {}) => {
      const isBytes = typeof body === 'string' || Buffer.isBuffer(body)
      const payload = isBytes ? body : JSON.stringify(body)
      return app.inject({ method: 'POST', url: `/predict${query}`, payload, headers: { 'content-type': 'application/json', ...headers } })
    },
    get: (url, headers = {}) => app.inject({ method: 'GET', url, headers }),
  }
}

/** A models directory of its own with copies of some sample models; the folder and a way to add more. */
export function copyModels(t: Test, names: readonly string[]): string {
  const directory = temporaryFolder(t)
  for (const name of names) cpSync(join(loadConfig({}).models, name), join(directory, name), { recursive: true })
  return directory
}
