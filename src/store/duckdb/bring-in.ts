import type { DuckDBConnection } from '@duckdb/node-api'
import type { Ahead } from './ahead.js'
import { stepsOf } from './changes.js'
import type { Changes } from './changes.js'
import type { Database } from './database.js'
import { openTables } from './tables.js'
import { createTransaction } from './transaction.js'

/**
 * Brings what comes next from the journal into the tables.
 * @param use runs work on the open database
 */
export async function bringInNext(
  ahead: Ahead,
  changes: Changes,
  use: (work: (database: Database) => Promise<void>) => Promise<void>,
): Promise<void> {
  try {
    await use((database) => bringIn(database, changes))
  } catch {
    // Most likely the disk is full; the journal keeps some space for this.
    await ahead.giveSpace().catch(() => undefined)
    await use((database) => bringIn(database, changes))
  }
  ahead.applied(changes.revision)
  await ahead.takeSpace()
}

/** Brings changes that are in the journal into the tables, in one transaction; nothing when they are there. */
async function bringIn(database: Database, changes: Changes): Promise<void> {
  if (changes.revision <= database.tablesAt) return
  const transaction = createTransaction(database.writer)
  try {
    if (!(await transaction.commit(stepsOf(database.tables, changes)))) database.broken = true
  } catch (cause) {
    await transaction.rollback()
    throw cause
  }
  database.tablesAt = changes.revision
}

/**
 * Reads the tables as if changes were in them that cannot be brought in now (say, because the disk is full): they are, for as long as this takes. Nobody
 * may bring them in meanwhile.
 */
export async function readAsIf<T>(database: Database, changes: Changes, work: (database: Database) => Promise<T>): Promise<T> {
  if (changes.revision <= database.tablesAt) return work(database)
  const { reader } = database
  const tables = await openTables(reader)
  await reader.run('BEGIN')
  try {
    for (const step of stepsOf(tables, changes)) await step.run()
    return await work({ ...database, reader: withoutTransactions(reader) })
  } finally {
    await reader.run('ROLLBACK').catch(() => undefined)
    tables.close()
  }
}

/** For work within a transaction that others end. */
function withoutTransactions(connection: DuckDBConnection): DuckDBConnection {
  return new Proxy(connection, {
    get(target, name) {
      if (name !== 'run') return Reflect.get(target, name, target) as unknown
      return (sql: string, ...rest: []) => (sql === 'BEGIN' || sql === 'COMMIT' ? Promise.resolve() : target.run(sql, ...rest))
    },
  })
}
