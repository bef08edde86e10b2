import { setImmediate, setTimeout } from 'node:timers/promises'
import { Problem } from '../errors.js'
import { nearestName } from '../nearest-name.js'
import { withEnsembles } from './ensembles/with-ensembles.js'
import { describedEntry } from './described-entry.js'
import { families } from './families/families.js'
import { createFindChanges } from './find-changes.js'
import type { FoundBundle } from './found-bundle.js'
import type { ModelRules } from './model-rules.js'
import { createLoadedModels } from './loaded-models.js'
import type { ModelEntry, ServedModel } from './model.js'
import { openDirectory, scanDirectory } from './scan-directory.js'
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
  /** Stops the loading and gives the models' memory back. */
  close(): void
}

const mostEager = 50
/** Each waits for the disk several times: 500 took 68 ms, one after the other 158. */
const describedAtOnce = 25
/** A changed bundle is taken when its files did not change for so long. */
const settleMs = 300

interface Slot {
  found: FoundBundle
  entry: ModelEntry
  /** What is loading now. */
  loading?: Promise<void> | undefined
}

/**
 * Opens a models directory. Resolves as soon as its models are known; they load one after the other in the background.
 * @throws Error when the directory does not exist or cannot be read
 */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const { directory, loading = 'auto', memoryBytes = Infinity, watchMs = 0, nowMs = Date.now, onReload, onUnreadable, ...rules } = options
  const root = await openDirectory(directory)
  const scan = () => scanDirectory({ root, ...rules })
  const found = await scan()
  const slots = new Map(found.map((each) => [each.name, loadingSlot(each)]))
  const findChanges = createFindChanges(scan, slots)
  const isLazy = loading === 'lazy' || (loading === 'auto' && found.length > mostEager)
  const models = createLoadedModels(memoryBytes, (name) => {
    const slot = slots.get(name)
    if (slot?.entry.state === 'served') slot.entry = { name, source: slot.entry.source, state: 'idle', manifest: slot.entry.model.manifest }
  })
  let loads: Promise<unknown> = Promise.resolve()
  let looking: Promise<ReloadReport> | undefined
  let closed = false
  const stop = new AbortController()

  const loaded = openAll()
  if (watchMs > 0) void watch()

  const registry: Registry = {
    entries: () => Array.from(slots.values(), ({ entry }) => entry),
    entry: (name) => slots.get(name)?.entry,
    served,
    ready,
    lease: models.lease,
    reload,
    loaded,
    close: () => {
      closed = true
      stop.abort()
      models.close()
    },
  }
  return withEnsembles(registry, nowMs)

  async function openAll(): Promise<void> {
    const all = [...slots.values()]
    const size = isLazy ? describedAtOnce : 1
    for (let from = 0; from < all.length; from += size) {
      await setImmediate()
      if (closed) return
      await Promise.all(all.slice(from, from + size).map((slot) => (isLazy ? describe(slot) : load(slot, slot.found))))
    }
  }

  async function describe(slot: Slot): Promise<void> {
    const entry = await describedEntry(slot.found)
    slot.entry = entry
    if (entry.state === 'idle') families.find(({ name }) => name === entry.manifest.family)?.prepare?.()
  }

  /** Loads and proves one model beside the one that serves, one at a time; then the new one takes its place between two requests. */
  function load(slot: Slot, found: FoundBundle): Promise<void> {
    const work = loads.then(async () => {
      if (closed) return
      const bundle = await found.load()
      if (closed || slots.get(found.name) !== slot) return bundle.dispose()
      slot.found = found
      if (bundle.entry.state === 'refused' && slot.entry.state === 'served') {
        const { reason, detail } = bundle.entry
        slot.entry = { ...slot.entry, failedReload: { reason, detail, atMs: nowMs() } }
        return
      }
      slot.entry = bundle.entry
      if (bundle.entry.state === 'served') models.add(bundle.entry.model, bundle)
    })
    loads = work
    return work
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

  async function watch(): Promise<void> {
    await loaded
    let isAway = false
    while (!closed) {
      try {
        await setTimeout(watchMs, undefined, { signal: stop.signal, ref: false })
        await look()
        if (isAway) onUnreadable?.(undefined)
        isAway = false
      } catch (error) {
        // The end, or a directory that cannot be read at the moment: what is served goes on.
        if (!closed && !isAway) onUnreadable?.(error as Error)
        isAway = true
      }
    }
  }

  async function reload(): Promise<ReloadReport> {
    await loaded
    if (looking !== undefined) await looking
    const first = await look()
    if (first.unsettled.length === 0) return first
    await setTimeout(settleMs)
    const second = await look()
    return { ...second, removed: [...first.removed, ...second.removed] }
  }

  function look(): Promise<ReloadReport> {
    return (looking ??= takeChanges().finally(() => (looking = undefined)))
  }

  async function takeChanges(): Promise<ReloadReport> {
    const { settled, removed, unsettled } = await findChanges().catch((error: unknown) => {
      throw unreadable(error)
    })
    for (const name of removed) {
      const { entry } = slots.get(name)!
      slots.delete(name)
      if (entry.state === 'served') models.retire(entry.model)
    }
    const became: Record<'added' | 'swapped' | 'refused', string[]> = { added: [], swapped: [], refused: [] }
    for (const each of settled) became[await take(each)].push(each.name)
    sortByName(slots)
    const report = { ...became, removed, unsettled }
    if (settled.length + removed.length > 0) onReload?.(report)
    return report
  }

  async function take(found: FoundBundle): Promise<'added' | 'swapped' | 'refused'> {
    const known = slots.get(found.name)
    const slot = known ?? loadingSlot(found)
    slots.set(found.name, slot)
    if (known?.entry.state === 'idle' || (known === undefined && isLazy)) {
      slot.found = found
      await describe(slot)
    } else {
      await load(slot, found)
    }
    if (slot.entry.state === 'refused' || (slot.entry.state === 'served' && slot.entry.failedReload !== undefined)) return 'refused'
    return known === undefined ? 'added' : 'swapped'
  }
}

function sortByName(slots: Map<string, Slot>): void {
  const sorted = [...slots].sort(([a], [b]) => (a < b ? -1 : 1))
  slots.clear()
  for (const [name, slot] of sorted) slots.set(name, slot)
}

function loadingSlot(found: FoundBundle): Slot {
  return { found, entry: { name: found.name, source: found.source, state: 'loading' } }
}

function unreadable(error: unknown): Problem {
  const why = (error as NodeJS.ErrnoException).code ?? 'unknown error'
  const detail = `the models directory cannot be read (${why}); nothing was changed, the models that were loaded serve on`
  return new Problem('model-unavailable', detail, { reason: 'directory' }, { cause: error, retryAfterSeconds: 5 })
}

function unknownModel(name: string, known: readonly string[]): Problem {
  const nearest = nearestName(name, known)
  const hint = nearest === null ? '' : `; the nearest name is ${nearest}`
  return new Problem('unknown-model', `there is no model ${JSON.stringify(name.slice(0, 100))}${hint}`, { nearest })
}
