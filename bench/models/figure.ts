import type { Server } from '../http/server.js'
import type { Built } from './directory.js'

/** One line of the table. */
export interface Figure {
  readonly figure: string
  readonly must: string
  readonly measured: string
  readonly how: string
}

/** What the parts of the bench share. */
export interface Measuring {
  /** Temporary, to be filled. */
  readonly folder: string
  /** The models directory of `buildModels`, never changed. */
  readonly directory: string
  readonly built: Built
  readonly rounds: number
  /** A server over a models directory, ready. */
  readonly start: (models: string, env?: Record<string, string>) => Promise<Server>
}
