import type { Commit } from '../store.js'
import type { Base, Written } from './base.js'
import type { Database } from './database.js'
import { noteRevision } from './note-revision.js'
import { createTransaction } from './transaction.js'

/** What other parts of the store do in a transaction of their own. */
export type Work<T = unknown> = Parameters<Base['write']>[0] extends (...args: infer Args) => unknown
  ? (...args: Args) => Promise<Written<T>>
  : never

/** Runs work in one transaction; its number is noted, because its rows may carry none. */
export async function commitWork(
  database: Database,
  work: Work,
): Promise<{ readonly result: unknown; readonly commit: Commit | undefined }> {
  const { writer } = database
  const revision = database.revision + 1
  const transaction = createTransaction(writer)
  try {
    await transaction.begin()
    const { result, touched } = await work(writer, revision)
    if (touched === undefined) {
      await transaction.rollback()
      return { result, commit: undefined }
    }
    const isQuiet = touched === 'quiet'
    const note = { isOneStatement: true, run: () => noteRevision(writer, revision) }
    if (!(await transaction.commit(isQuiet ? [] : [note]))) database.broken = true
    if (isQuiet) return { result, commit: undefined }
    database.revision = database.tablesAt = revision
    return { result, commit: { predictions: [], candles: [], outcomes: 0, ...touched, revision } }
  } catch (cause) {
    await transaction.rollback()
    throw cause
  }
}
