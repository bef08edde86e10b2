import type { Catalogue } from '../features/catalogue.js'

/** What every model of a directory is judged by. */
export interface ModelRules {
  /** The models directory, with no symbolic link in it. */
  readonly root: string
  readonly checksums: 'strict' | 'warn' | 'off'
  /** Serve a model that comes without a digest. */
  readonly allowUnsigned: boolean
  readonly catalogues: readonly Catalogue[]
}

/** What a name looks like that a model can be asked by. */
export const modelName = /^[a-z0-9][a-z0-9._-]{0,99}$/
