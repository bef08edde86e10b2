import type { DuckDBConnection } from '@duckdb/node-api'
import type { Commit } from '../store.js'
import { rowsOf, stepsOf } from './changes.js'
import type { Database } from './database.js'
import { insertAbsences } from './insert-absences.js'
import { stage } from './stage.js'
import type { Handed, Kept } from './stage.js'
import { createTransaction } from './transaction.js'
import type { Transaction } from './transaction.js'

export interface Committed {
  readonly kept: readonly Kept[]
  /** Undefined: nothing that listeners are told of. */
  readonly commit: Commit | undefined
  /** Rows that were committed; 0: nothing was new, so nothing was written. */
  readonly rows: number
}

/** Keeps what calls hand in, one after another, in one transaction: what is known is looked up, what is new is added, links are updated, committed. */
export async function commit(database: Database, calls: readonly Handed[]): Promise<Committed> {
  const transaction = createTransaction(database.writer)
  try {
    const { kept, changes, done } = await stage(database, calls)
    const nAbsences = await addAbsences(database.writer, transaction, calls)
    if (changes === undefined && nAbsences === 0) {
      await transaction.rollback()
      return { kept, commit: undefined, rows: 0 }
    }
    if (!(await transaction.commit(changes === undefined ? [] : stepsOf(database.tables, changes)))) database.broken = true
    if (changes === undefined) return { kept, commit: undefined, rows: nAbsences }
    database.tablesAt = changes.revision
    return { kept, commit: done(changes), rows: rowsOf(changes) + nAbsences }
  } catch (cause) {
    await transaction.rollback()
    throw cause
  }
}

/** At once, because only the table knows which are new. They use no number: no answer that has a revision shows them. */
async function addAbsences(writer: DuckDBConnection, transaction: Transaction, calls: readonly Handed[]): Promise<number> {
  let added = 0
  for (const { absences = [] } of calls) {
    if (absences.length === 0) continue
    await transaction.begin()
    added += await insertAbsences(writer, absences)
  }
  return added
}
