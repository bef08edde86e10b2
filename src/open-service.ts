import type { FastifyInstance } from 'fastify'
import { buildApp, type Parts } from './app.js'
import type { Config } from './config.js'
import { type OpenOptions, openParts } from './open-parts.js'

export interface Service {
  readonly app: FastifyInstance
  readonly parts: Parts
  /** Answers what is in flight, then closes the app, models and database. */
  readonly close: () => Promise<void>
}

/**
 * The whole service without an address: a server makes it listen, a command asks it by `app.inject`.
 * @throws CannotStart when a part cannot be opened; nothing stays open then
 */
export async function openService(config: Config, options: OpenOptions): Promise<Service> {
  const { parts, close: closeParts } = await openParts(config, options)
  try {
    const app = await buildApp(config, parts)
    const close = async () => {
      await parts.following?.close()
      await app.close()
      await closeParts()
    }
    return { app, parts, close }
  } catch (error) {
    await closeParts()
    throw error
  }
}
