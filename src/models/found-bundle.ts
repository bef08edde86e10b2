import type { LoadedBundle } from './load-model.js'
import type { Manifest, ModelSource } from './model.js'

/** A model that a layout found on the disk and nobody has read yet. */
export interface FoundBundle {
  readonly name: string
  readonly source: ModelSource
  /** Changes whenever one of the model's files does. */
  readonly fingerprint: string
  /**
   * Reads what describes the model, not the model: cheap.
   * @throws Refused
   */
  describe(): Promise<Manifest>
  /** Loads the model and proves it. Never rejects: one that fails is an entry that says why. */
  load(): Promise<LoadedBundle>
}
