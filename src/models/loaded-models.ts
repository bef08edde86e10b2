import type { ServedModel } from './model.js'

/** The models in memory: who is used, who may go. */
export interface LoadedModels {
  /** Takes a model over; an older one of its name goes as soon as nobody leases it. May let others go for want of memory. */
  add(model: ServedModel, held: { readonly bytes: number; dispose(): void }): void
  /** Marks a model as used now. */
  touch(model: ServedModel): void
  /** Lets a model go as soon as nobody leases it. */
  retire(model: ServedModel): void
  readonly lease: (models: readonly ServedModel[]) => () => void
  close(): void
}

interface Loaded {
  readonly model: ServedModel
  readonly bytes: number
  readonly dispose: () => void
  leases: number
  isRetired: boolean
}

/**
 * @param limitBytes beyond it the models that were not used for the longest time are let go of, but never the newest, nor leased ones
 * @param onEvicted told the name of a model that went for want of memory
 */
export function createLoadedModels(limitBytes: number, onEvicted: (name: string) => void): LoadedModels {
  /** By name, the one that was not used for the longest time first. */
  const current = new Map<string, Loaded>()
  const byModel = new Map<ServedModel, Loaded>()
  let bytes = 0

  return { add, touch, retire, lease, close }

  function add(model: ServedModel, held: { readonly bytes: number; dispose(): void }): void {
    const older = current.get(model.name)
    if (older !== undefined) retire(older.model)
    const loaded = { model, bytes: held.bytes, dispose: () => held.dispose(), leases: 0, isRetired: false }
    current.set(model.name, loaded)
    byModel.set(model, loaded)
    bytes += loaded.bytes
    evict(model.name)
  }

  function evict(newest: string): void {
    for (const [name, { model, leases }] of [...current]) {
      if (bytes <= limitBytes) return
      if (name === newest || leases > 0) continue
      retire(model)
      onEvicted(name)
    }
  }

  function touch({ name }: ServedModel): void {
    const loaded = current.get(name)
    if (loaded === undefined) return
    current.delete(name)
    current.set(name, loaded)
  }

  function retire(model: ServedModel): void {
    const loaded = byModel.get(model)
    if (loaded === undefined || loaded.isRetired) return
    loaded.isRetired = true
    if (current.get(model.name) === loaded) current.delete(model.name)
    if (loaded.leases === 0) release(loaded)
  }

  function release(loaded: Loaded): void {
    byModel.delete(loaded.model)
    bytes -= loaded.bytes
    loaded.dispose()
  }

  function lease(models: readonly ServedModel[]): () => void {
    const leased = models.flatMap((model) => byModel.get(model) ?? [])
    for (const loaded of leased) loaded.leases++
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      for (const loaded of leased) {
        loaded.leases--
        if (loaded.isRetired && loaded.leases === 0) release(loaded)
      }
    }
  }

  function close(): void {
    for (const loaded of [...byModel.values()]) {
      loaded.isRetired = true
      if (loaded.leases === 0) release(loaded)
    }
    current.clear()
  }
}
