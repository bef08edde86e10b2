import type { Commit } from '../store.js'
import type { Base, Touched, Written } from './base.js'
import type { Database } from './database.js'
import { noteRevision } from './note-revision.js'
import { createTransaction } from './transaction.js'

/** What other parts of the store do in a transaction of their own. */
export type Work<T = unknown> = Parameters<Base['write']>[0] extends (...args: infer Args) => unknown
  ? (...args: Args) => Promise<Written<T>>
  : never

export interface WorkDone {
  readonly result: unknown
  /** Undefined: nothing that listeners are told of. */
  readonly commit: Commit | undefined
  /** Rows that were committed; 0: nothing was written. */
  readonly rows: number
}

/** Runs work in one transaction; its number is noted, because its rows may carry none. */
export async function commitWork(database: Database, work: Work): Promise<WorkDone> {
  const { writer } = database
  const revision = database.revision + 1
  const transaction = createTransaction(writer)
  try {
    await transaction.begin()
    const { result, touched, rows = rowsOf(touched) } = await work(writer, revision)
    if (touched === undefined) {
      await transaction.rollback()
      return { result, commit: undefined, rows: 0 }
    }
    const isQuiet = touched === 'quiet'
    const note = { isOneStatement: true, run: () => noteRevision(writer, revision) }
    if (!(await transaction.commit(isQuiet ? [] : [note]))) database.broken = true
    if (isQuiet) return { result, commit: undefined, rows }
    database.revision = database.tablesAt = revision
    return { result, commit: { predictions: [], candles: [], outcomes: 0, ...touched, revision }, rows }
  } catch (cause) {
    await transaction.rollback()
    throw cause
  }
}

function rowsOf(touched: Touched | 'quiet' | undefined): number {
  return (typeof touched === 'object' && touched.outcomes) || 1
}
