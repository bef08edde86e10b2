import type { FoundBundle } from './found-bundle.js'
import type { ModelEntry } from './model.js'

/** The place of one model in a registry: what was found on the disk, and what became of it. The registry's, which changes it. */
export interface Slot {
  found: FoundBundle
  entry: ModelEntry
  /** What is loading now because it was asked. */
  loading?: Promise<void> | undefined
  /** The load that was asked for last: a later version waits for it, so that an older one never takes its place. */
  lastLoad?: Promise<void>
}

export function loadingSlot(found: FoundBundle): Slot {
  return { found, entry: { name: found.name, source: found.source, state: 'loading' } }
}
