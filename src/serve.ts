import type { AddressInfo } from 'node:net'
import { pino, type Logger } from 'pino'
import { buildApp } from './app.js'
import type { Config } from './config.js'
import { multiTimeframe } from './features/multi-timeframe/catalogue.js'
import { createMetrics } from './health/metrics.js'
import { limitOldHeap } from './heap-limits.js'
import { openRegistry, type Registry } from './models/registry.js'
import { createPredict } from './predictions/predict.js'
import { createReader } from './predictions/read.js'
import { openDuckdbStore } from './store/duckdb.js'

/** Something outside the program is in the way; the message says what and is all that the operator needs. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart'
}

export interface Serving {
  readonly logger: Logger
  /** Stops accepting, answers what is in flight, then lets models and database go. */
  readonly close: () => Promise<void>
}

/**
 * Opens the parts, builds the app around them and listens. Models load in the background meanwhile.
 * @throws CannotStart when a part cannot be opened or the address cannot be listened on; nothing stays open then
 */
export async function serve(config: Config, version: string): Promise<Serving> {
  // Lines are written in the background, in order; what is pending goes out when the process ends.
  const logger = pino({ level: config.logLevel, base: null }, pino.destination({ dest: 1, sync: false }))
  for (const name of config.unknownNames) logger.warn(`${name} is no setting; --help lists them`)

  const metrics = createMetrics()
  const catalogues = [multiTimeframe()]
  const opened: (() => void | Promise<void>)[] = []
  const close = async () => {
    for (const closePart of opened.splice(0).reverse()) await closePart()
  }
  try {
    const { models: directory, checksums, allowUnsigned, database: path } = config
    const registry = await orCannotStart(openRegistry({ directory, checksums, allowUnsigned, catalogues }))
    opened.push(() => registry.close())
    const store = await orCannotStart(openDuckdbStore({ path, onCommit: metrics.commit }))
    opened.push(() => store.close())
    const predict = createPredict({ registry, catalogues, store, nowMs: Date.now, observe: metrics.stage, count: metrics.prediction })
    const reader = createReader({ store })
    const app = await buildApp(config, { registry, catalogues, store, predict, reader, metrics, version, logger })
    opened.push(() => app.close())
    await app
      .listen({ host: config.host, port: config.port, listenTextResolver: (address) => `listening on ${address}` })
      .catch((error: unknown) => {
        throw cannotListen(error, config)
      })
    const { port } = app.server.address() as AddressInfo
    logger.info({ version, port, models: directory, database: path }, 'started')
    void registry.loaded.then(() => {
      limitOldHeap()
      reportModels(registry, logger)
    })
    return { logger, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function orCannotStart<Part>(opening: Promise<Part>): Promise<Part> {
  try {
    return await opening
  } catch (error) {
    throw new CannotStart((error as Error).message, { cause: error })
  }
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
