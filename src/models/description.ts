import type { Scorer } from './families/family.js'
import type { Manifest } from './model.js'
import type { ShapedScore } from './shaped-score.js'

/** What a layout says of one model before its file is read. */
export interface Description {
  readonly manifest: Manifest
  /** Folder of the model's files, relative to the models directory. */
  readonly folder: string
  /** Name of the file that describes the model, for messages. */
  readonly describedBy: string
  /** Name of the file with golden rows, where there can be one. */
  readonly golden?: string
  readonly warnings?: readonly string[]
  /**
   * The catalogue's names of the model's inputs, when the file and the manifest do not settle them.
   * @throws Refused when that cannot be told
   */
  readonly resolveNames?: (scorer: Scorer) => readonly string[]
  /**
   * A further proof once the model is in memory; returns warnings.
   * @throws Refused when it fails
   */
  readonly prove?: (score: ShapedScore, scorer: Scorer) => Promise<readonly string[]>
}
