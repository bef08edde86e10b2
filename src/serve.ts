import type { AddressInfo } from 'node:net'
import { pino, type Logger } from 'pino'
import { CannotStart } from './cannot-start.js'
import type { Parts } from './app.js'
import type { Config } from './config.js'
import { limitOldHeap } from './memory-limits.js'
import { createLife } from './life/life.js'
import type { Registry } from './models/registry.js'
import { openService } from './open-service.js'
import { type Sampler, startSampler } from './replays/sampler.js'

export interface Serving {
  readonly logger: Logger
  /** Stops accepting, answers what is in flight, then lets models and database go. */
  readonly close: () => Promise<void>
}

/**
 * Opens the service and listens. Models load in the background meanwhile. Work that begins of its own accord begins here, so that a command
 * which opens the same service for a moment does not begin it.
 * @throws CannotStart when a part cannot be opened or the address cannot be listened on; nothing stays open then
 */
export async function serve(config: Config, version: string): Promise<Serving> {
  // Lines are written in the background, in order; what is pending goes out when the process ends.
  const logger = pino({ level: config.logLevel, base: null }, pino.destination({ dest: 1, sync: false }))
  for (const name of config.unknownNames) logger.warn(`${name} is no setting; --help lists them`)

  const { app, parts, close } = await openService(config, { version, logger, follow: true })
  try {
    await app
      .listen({ host: config.host, port: config.port, listenTextResolver: (address) => `listening on ${address}` })
      .catch((error: unknown) => {
        throw cannotListen(error, config)
      })
    const { port } = app.server.address() as AddressInfo
    const life = createLife({
      log: parts.store.log,
      registry: parts.registry,
      nowMs: Date.now,
      onError: (err) => logger.warn({ err }, 'a sign of life could not be written'),
    })
    await life.begin()
    logger.info({ version, port, models: config.models, database: config.database }, 'started')
    void parts.registry.loaded.then(() => {
      limitOldHeap()
      reportModels(parts.registry, logger)
    })
    parts.following?.start()
    await parts.jobs.resume()
    const sampler = sampleReplays(config, parts, logger)
    return {
      logger,
      close: async () => {
        await sampler.close()
        await life.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** BARCAST_VERIFY_PER_HOUR: now and then a stored prediction is derived again. */
function sampleReplays({ verifyPerHour }: Config, { store, replayer, metrics }: Parts, logger: Logger): Sampler {
  return startSampler({
    store,
    replayer,
    perHour: verifyPerHour,
    count: metrics.replay,
    onDifferent: ({ prediction, detail }) => logger.error({ id: prediction.id, model: prediction.model }, `a replay differs: ${detail}`),
    onFailure: (err) => logger.warn({ err }, 'a replay failed'),
  })
}

function cannotListen(error: unknown, { host, port }: Config): unknown {
  const noAddress = `${host} is no address of this machine; set BARCAST_HOST.`
  const messages: Record<string, string> = {
    EADDRINUSE: `${host}:${port} is in use by another process; stop it, or set BARCAST_PORT.`,
    EACCES: `${host}:${port} may not be listened on by this user; set BARCAST_PORT to 1024 or above.`,
    EADDRNOTAVAIL: noAddress,
    ENOTFOUND: noAddress,
    EAI_AGAIN: noAddress,
  }
  const message = messages[(error as NodeJS.ErrnoException).code ?? '']
  return message === undefined ? error : new CannotStart(message, { cause: error })
}

/** Once everything is loaded: a line per model that was refused or carries a warning, and one that sums up. */
function reportModels(registry: Registry, logger: Logger): void {
  const entries = registry.entries()
  for (const entry of entries) {
    if (entry.state === 'refused') logger.warn({ model: entry.name, reason: entry.reason }, `model refused: ${entry.detail}`)
    if (entry.state === 'served') for (const warning of entry.model.warnings) logger.warn({ model: entry.name }, warning)
  }
  const served = entries.filter(({ state }) => state === 'served').length
  logger.info({ served, refused: entries.length - served, seconds_since_start: Number(process.uptime().toFixed(3)) }, 'models loaded')
}
