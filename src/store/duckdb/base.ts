import type { DuckDBConnection } from '@duckdb/node-api'
import type { Commit } from '../store.js'

/** What every part of the store is built on: the two connections, and the turn-taking between those who write. */
export interface Base {
  /**
   * Runs work alone on the writing connection, inside one transaction; durable when it resolves. Rows that it adds carry `revision`.
   * Afterwards listeners are told, unless `work` says that nothing was changed (then nothing is committed and no number is used).
   * Work may run twice (after DuckDB gave up on an instance), so it must not keep state of its own.
   */
  write<T>(work: (writer: DuckDBConnection, revision: number) => Promise<Written<T>>): Promise<T>
  /** Runs work on the reading connection, one after another, beside commits. */
  read<T>(work: (reader: DuckDBConnection) => Promise<T>): Promise<T>
}

export interface Written<T> {
  readonly result: T
  /** Undefined: nothing was written. Quiet: committed, but no number is used and nobody is told, because no answer that has a revision shows it. */
  readonly touched: Touched | 'quiet' | undefined
  /** Rows that were added or changed; when not given, the outcomes of `touched`, or one. */
  readonly rows?: number
}

export type Touched = Partial<Omit<Commit, 'revision'>>
