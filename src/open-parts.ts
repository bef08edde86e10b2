import type { FastifyBaseLogger } from 'fastify'
import type { Parts } from './app.js'
import { createBackfill } from './backfills/backfill.js'
import { CannotStart } from './cannot-start.js'
import type { Config } from './config.js'
import { openFollowing } from './following/open-following.js'
import { BadFollowFile } from './following/read-follow-file.js'
import type { Catalogue } from './features/catalogue.js'
import { allCatalogues } from './features/catalogues.js'
import { createMetrics } from './health/metrics.js'
import { createJobRunner } from './jobs/runner.js'
import { noModels } from './models/no-models.js'
import { openRegistry, type Registry } from './models/registry.js'
import { createCompleteModels } from './predictions/complete-models.js'
import { createPredictBars } from './predictions/predict-bars.js'
import { createPredictModels } from './predictions/predict-models.js'
import { createSettler } from './outcomes/settler.js'
import { createPredict } from './predictions/predict.js'
import { createReader } from './predictions/read.js'
import { createReplayer } from './replays/replayer.js'
import { createVerify } from './replays/verify.js'
import { createSnapshots } from './snapshots/snapshots.js'
import { openDuckdbStore } from './store/duckdb.js'

export interface OpenOptions {
  readonly version: string
  /** Silent when there is none. */
  readonly logger?: FastifyBaseLogger
  /** The clock, epoch milliseconds; `Date.now` when not given. */
  readonly nowMs?: () => number
  /** False: no model is loaded, for work that needs none. */
  readonly models?: boolean
  /** True: what BARCAST_FOLLOW names is made ready to be followed. */
  readonly follow?: boolean
  /** What models can name; every catalogue of barcast when not given. */
  readonly catalogues?: readonly Catalogue[]
}

export interface OpenedParts {
  readonly parts: Parts
  /** Lets everything go that was opened, the last first. Call it after the app is closed. */
  readonly close: () => Promise<void>
}

/**
 * Opens what the app is built around. Models load in the background meanwhile. Nothing here begins work of its own accord: `serve` does.
 * @throws CannotStart when a part cannot be opened; nothing stays open then
 */
export async function openParts(
  config: Config,
  { version, logger, nowMs = Date.now, models = true, follow = false, catalogues = allCatalogues() }: OpenOptions,
): Promise<OpenedParts> {
  const opened: (() => void | Promise<void>)[] = []
  const close = async () => {
    for (const closePart of opened.splice(0).reverse()) await closePart()
  }
  try {
    const metrics = createMetrics()
    const { database: path } = config
    const store = await orCannotStart(
      openDuckdbStore({ path, onCommit: metrics.commit, onTables: metrics.tables, watchTables: metrics.watchTables }),
    )
    opened.push(() => store.close())
    const settler = createSettler({
      store,
      nowMs,
      count: metrics.outcome,
      onError: (err) => logger?.warn({ err }, 'outcomes could not be settled; they are tried again'),
    })
    opened.push(() => settler.close())
    const registry = models ? await orCannotStart(openModels(config, catalogues, nowMs, logger)) : noModels()
    opened.push(() => registry.close())
    const predict = createPredict({ registry, catalogues, store, nowMs, observe: metrics.stage, count: metrics.prediction })
    const reader = createReader({ store })
    const following =
      follow && config.follow !== ''
        ? openFollowing(config, { registry, store, predict, nowMs, registers: metrics.registers, logger })
        : undefined
    const snapshots = createSnapshots({ store, database: path })
    const predictBars = createPredictBars({ catalogues })
    const predictModels = createPredictModels({ predictBars, completeModels: createCompleteModels({ store }) })
    const replayer = createReplayer({ registry, store, predictBars })
    const jobs = createJobRunner({
      store: store.jobs,
      kinds: [
        createBackfill({ registry, store, predictModels, nowMs, count: metrics.prediction }),
        createVerify({ registry, store, replayer, nowMs, count: metrics.replay }),
      ],
      nowMs,
      onFailure: ({ id, kind }, err) => logger?.error({ err, job: id, kind }, 'job failed'),
    })
    opened.push(() => jobs.close())
    return {
      parts: {
        registry,
        catalogues,
        store,
        predict,
        reader,
        snapshots,
        settler,
        jobs,
        replayer,
        metrics,
        nowMs,
        version,
        ...(following && { following }),
        ...(logger && { logger }),
      },
      close,
    }
  } catch (error) {
    await close()
    if (error instanceof BadFollowFile) throw new CannotStart(error.message, { cause: error })
    throw error
  }
}

function openModels(config: Config, catalogues: readonly Catalogue[], nowMs: () => number, logger?: FastifyBaseLogger): Promise<Registry> {
  const { models: directory, checksums, allowUnsigned, modelMemoryBytes: memoryBytes, modelWatchSeconds } = config
  return openRegistry({
    ...{ directory, checksums, allowUnsigned, catalogues, memoryBytes, nowMs },
    watchMs: modelWatchSeconds * 1000,
    onReload: (report) => logger?.info(report, 'models reloaded'),
    onUnreadable: (err) =>
      err === undefined
        ? logger?.info({ directory }, 'the models directory can be read again')
        : logger?.warn({ err, directory }, 'the models directory cannot be read; the models that were loaded serve on'),
  })
}

async function orCannotStart<Part>(opening: Promise<Part>): Promise<Part> {
  try {
    return await opening
  } catch (error) {
    throw new CannotStart((error as Error).message, { cause: error })
  }
}
