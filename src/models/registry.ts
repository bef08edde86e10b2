import { setImmediate } from 'node:timers/promises'
import { Problem } from '../errors.js'
import { nearestName } from '../nearest-name.js'
import { withEnsembles } from './ensembles/with-ensembles.js'
import { describedEntry } from './described-entry.js'
import { families } from './families/families.js'
import type { FoundBundle } from './found-bundle.js'
import { createLoadedModels } from './loaded-models.js'
import { createLoadingQueue } from './loading-queue.js'
import type { ModelRules } from './model-rules.js'
import type { ModelEntry, ServedModel } from './model.js'
import { createReloads } from './reloads.js'
import { openDirectory, scanDirectory } from './scan-directory.js'
import { loadingSlot, type Slot } from './slot.js'
import { unavailable } from './unavailable.js'

export interface RegistryOptions extends Omit<ModelRules, 'root'> {
  /** The models directory. */
  readonly directory: string
  /** `lazy`: a model is loaded when it is first asked; `auto` (default): that, from 51 models on. */
  readonly loading?: 'eager' | 'lazy' | 'auto'
  /** Memory of all models, bytes: beyond it those that were not used for the longest time are let go of until they are asked again. */
  readonly memoryBytes?: number
  /** How often the directory is looked at, milliseconds; 0 (default): only when `reload` is called. */
  readonly watchMs?: number
  readonly nowMs?: () => number
  /** Told when a changed model was taken, refused or removed. */
  readonly onReload?: (report: ReloadReport) => void
  /** Told once when a watched directory cannot be read any more, with the error, and once when it can be read again, without one. */
  readonly onUnreadable?: (error: Error | undefined) => void
}

/** What became of the changes that a look at the directory found; names of models. */
export interface ReloadReport {
  readonly added: readonly string[]
  /** Swapped for a newer version. */
  readonly swapped: readonly string[]
  readonly removed: readonly string[]
  /** The newer version was refused; where there was an older one it serves on. */
  readonly refused: readonly string[]
  /** Still being written: looked at again later. */
  readonly unsettled: readonly string[]
}

/** The models of one directory. */
export interface Registry {
  /** By name. */
  entries(): readonly ModelEntry[]
  entry(name: string): ModelEntry | undefined
  /**
   * @throws Problem `unknown-model` with the nearest name; `model-unavailable` with the reason of a refusal, or with
   * Retry-After while the bundle is loading
   */
  served(name: string): ServedModel
  /**
   * Loads models that are idle: those named, or those that `wanted` picks. Undefined when none is: then nothing has to be waited for.
   * Many callers at the same time load each model once.
   */
  ready(wanted: readonly string[] | ((entry: ModelEntry) => boolean)): Promise<void> | undefined
  /** Keeps models in memory until the function that it returns is called, also when they are swapped or memory is short. */
  lease(models: readonly ServedModel[]): () => void
  /**
   * Looks at the directory now and takes what has changed and is whole.
   * @throws Problem `model-unavailable` when the directory cannot be read: everything stays as it is
   */
  reload(): Promise<ReloadReport>
  /** Resolves when every bundle is served, idle or refused; never rejects. */
  readonly loaded: Promise<void>
  /** Whether it has resolved: a bundle that is loading from then on is a newcomer. */
  isLoaded(): boolean
  /** Stops the loading and gives the models' memory back. */
  close(): void
}

const mostEager = 50
/** Each waits for the disk several times: 500 took 68 ms, one after the other 158. */
const describedAtOnce = 25

/**
 * Opens a models directory. Resolves as soon as its models are known; they load in the background.
 * @throws Error when the directory does not exist or cannot be read
 */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const { directory, loading = 'auto', memoryBytes = Infinity, watchMs = 0, nowMs = Date.now, onReload, onUnreadable, ...rules } = options
  const root = await openDirectory(directory)
  const scan = () => scanDirectory({ root, ...rules })
  const found = await scan()
  const slots = new Map(found.map((each) => [each.name, loadingSlot(each)]))
  const isLazy = loading === 'lazy' || (loading === 'auto' && found.length > mostEager)
  const models = createLoadedModels(memoryBytes, (name) => {
    const slot = slots.get(name)
    if (slot?.entry.state === 'served') slot.entry = { name, source: slot.entry.source, state: 'idle', manifest: slot.entry.model.manifest }
  })
  const stop = new AbortController()
  const { signal } = stop
  const queue = createLoadingQueue(signal)

  let isLoaded = false
  const loaded = (isLazy ? describeAll() : loadAll()).then(() => void (isLoaded = true))
  const retire = (model: ServedModel) => models.retire(model)
  const { reload, watch } = createReloads({ scan, slots, isLazy, describe, load, retire, loaded, signal, onReload, onUnreadable })
  if (watchMs > 0) void watch(watchMs)

  const registry: Registry = {
    entries: () => Array.from(slots.values(), ({ entry }) => entry),
    entry: (name) => slots.get(name)?.entry,
    served,
    ready,
    lease: models.lease,
    reload,
    loaded,
    isLoaded: () => isLoaded,
    close: () => {
      stop.abort()
      models.close()
    },
  }
  return withEnsembles(registry, nowMs)

  async function loadAll(): Promise<void> {
    await Promise.all(Array.from(slots.values(), (slot) => load(slot, slot.found)))
  }

  async function describeAll(): Promise<void> {
    const all = [...slots.values()]
    for (let from = 0; from < all.length; from += describedAtOnce) {
      await setImmediate()
      if (signal.aborted) return
      await Promise.all(all.slice(from, from + describedAtOnce).map(describe))
    }
  }

  async function describe(slot: Slot): Promise<void> {
    const entry = await describedEntry(slot.found)
    slot.entry = entry
    if (entry.state === 'idle') families.find(({ name }) => name === entry.manifest.family)?.prepare?.()
  }

  /** Loads and proves a model beside the one that serves; then the new one takes its place between two requests. */
  function load(slot: Slot, found: FoundBundle): Promise<void> {
    const before = slot.lastLoad
    return (slot.lastLoad = queue(found, async () => {
      await before
      const bundle = await found.load()
      if (signal.aborted || slots.get(found.name) !== slot) return bundle.dispose()
      slot.found = found
      if (bundle.entry.state === 'refused' && slot.entry.state === 'served') {
        const { reason, detail } = bundle.entry
        slot.entry = { ...slot.entry, failedReload: { reason, detail, atMs: nowMs() } }
        return
      }
      slot.entry = bundle.entry
      if (bundle.entry.state === 'served') models.add(bundle.entry.model, bundle)
    }))
  }

  function served(name: string): ServedModel {
    const slot = slots.get(name)
    if (slot === undefined) throw unknownModel(name, [...slots.keys()])
    const { entry } = slot
    switch (entry.state) {
      case 'served':
        models.touch(entry.model)
        return entry.model
      case 'idle':
        void loadOnce(slot)
        throw unavailable(entry)
      case 'loading':
      case 'refused':
        throw unavailable(entry)
    }
  }

  function ready(wanted: readonly string[] | ((entry: ModelEntry) => boolean)): Promise<void> | undefined {
    const asked =
      typeof wanted === 'function'
        ? [...slots.values()].filter(({ entry }) => wanted(entry))
        : wanted.flatMap((name) => slots.get(name) ?? [])
    const waiting = asked.filter(({ entry, loading }) => entry.state === 'idle' || loading !== undefined).map(loadOnce)
    return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined)
  }

  function loadOnce(slot: Slot): Promise<void> {
    return (slot.loading ??= load(slot, slot.found).finally(() => (slot.loading = undefined)))
  }
}

function unknownModel(name: string, known: readonly string[]): Problem {
  const nearest = nearestName(name, known)
  const hint = nearest === null ? '' : `; the nearest name is ${nearest}`
  return new Problem('unknown-model', `there is no model ${JSON.stringify(name.slice(0, 100))}${hint}`, { nearest })
}
