import type { Selection } from '../../backfills/select-bars.js'
import type { Series } from '../../store/series.js'
import type { Client } from '../client.js'
import type { Context } from '../command.js'

/** What the ways of `barcast backfill` share. */
export interface Work {
  readonly context: Pick<Context, 'stdout' | 'stderr' | 'isTerminal' | 'signal' | 'nowMs'>
  readonly client: Client
  readonly target: Target
  readonly wanted: Wanted
  /** The user's DuckDB file with candles, and the table in it. */
  readonly candlesDb: string | undefined
  readonly table: string | undefined
  readonly dataset: string | undefined
}

/** Which models predict what; served and fitting. */
export interface Target {
  readonly series: Series
  /** At least one. */
  readonly models: readonly string[]
}

export interface Wanted extends Selection {
  readonly isDryRun: boolean
}
