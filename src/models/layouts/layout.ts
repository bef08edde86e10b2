import type { Description } from '../description.js'
import type { ModelRules } from '../model-rules.js'

/** A model that a layout has found, before anything of it was read. */
export interface FoundModel {
  readonly name: string
  /** Relative to the models directory. */
  readonly path: string
  /** Files whose change means a new version, absolute. */
  readonly files: readonly string[]
  /** @throws Refused */
  readonly describe: () => Promise<Description>
}

/** A folder of the models directory that a layout may recognise. */
export interface Folder {
  /** Name of the folder. */
  readonly name: string
  /** Absolute. */
  readonly path: string
  /** What lies in it, by name. */
  readonly files: ReadonlySet<string>
  readonly folders: ReadonlySet<string>
}

/** One way in which models lie on a disk. Every one is read in place. */
export interface Layout {
  readonly name: string
  /** The models of a folder; undefined when it is none of this layout's. Cheap: names and times of files only. */
  find(folder: Folder, rules: ModelRules): Promise<readonly FoundModel[] | undefined>
}
