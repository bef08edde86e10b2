import type { DuckDBConnection } from '@duckdb/node-api'
import { Problem } from '../../errors.js'
import type { Database } from './database.js'
import { isFatal, unavailable } from './failure.js'

/** The way to the database for everybody: it survives that DuckDB gives up on an instance. */
export interface Session {
  /** Runs work that may write. The caller sees to it that of those which run statements on the writing connection there is one at a time. */
  write<T>(work: (database: Database) => Promise<T>): Promise<T>
  /** Runs work on the reading connection, one after another. */
  read<T>(work: (database: Database) => Promise<T>): Promise<T>
  /** The state that needs no statement. */
  peek<T>(look: (database: Database) => T): Promise<T>
  /** Runs work on a connection of its own, beside everything else. It is not tried again. */
  apart<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/**
 * After a fatal error (say, a full disk in the middle of a checkpoint) DuckDB refuses every statement until the file is opened
 * anew. This waits until nobody uses the old instance and opens a new one; work that met the error is tried once more there, which is
 * safe because all of it may be repeated (a prediction that was recorded after all is then a known one).
 */
export function createSession(first: Database, open: (before: Database) => Promise<Database>): Session {
  let database: Database | undefined = first
  let last = first
  let broken: Database | undefined
  let reopening: Promise<Database> | undefined
  let closing = false
  let working = 0
  const whenIdle: (() => void)[] = []
  let lastRead: Promise<unknown> = Promise.resolve()

  return { write: use, read, peek, apart, close }

  async function read<T>(work: (database: Database) => Promise<T>): Promise<T> {
    refuseWhenClosing()
    const result = lastRead.then(() => use(work))
    lastRead = result.catch(() => undefined)
    return result
  }

  async function peek<T>(look: (database: Database) => T): Promise<T> {
    refuseWhenClosing()
    return look(database ?? (await current()))
  }

  async function apart<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    refuseWhenClosing()
    const usable = database ?? (await current())
    return watched(usable, async () => {
      const connection = await usable.connect()
      try {
        return await work(connection)
      } finally {
        connection.closeSync()
      }
    })
  }

  async function use<T>(work: (database: Database) => Promise<T>): Promise<T> {
    // In the same turn: nobody may open it anew between here and its use.
    const usable = database ?? (await current())
    try {
      return await watched(usable, work)
    } catch (cause) {
      if (!usable.broken) throw unavailable(cause)
    }
    try {
      return await watched(await current(), work)
    } catch (cause) {
      throw unavailable(cause)
    }
  }

  async function watched<T>(usable: Database, work: (database: Database) => Promise<T>): Promise<T> {
    working++
    try {
      return await work(usable)
    } catch (cause) {
      usable.broken ||= isFatal(cause)
      throw cause
    } finally {
      working--
      if (usable.broken && database === usable) {
        broken = usable
        database = undefined
      }
      if (working === 0) for (const go of whenIdle.splice(0)) go()
    }
  }

  async function current(): Promise<Database> {
    if (database !== undefined) return database
    refuseWhenClosing()
    reopening ??= reopen().finally(() => (reopening = undefined))
    return reopening
  }

  async function reopen(): Promise<Database> {
    await idle()
    await broken?.close()
    broken = undefined
    try {
      return (database = last = await open(last))
    } catch (cause) {
      throw unavailable(cause)
    }
  }

  /** Until nobody uses the database. */
  async function idle(): Promise<void> {
    if (working > 0) await new Promise<void>((resolve) => whenIdle.push(resolve))
  }

  async function close(): Promise<void> {
    closing = true
    await lastRead
    await idle()
    await reopening?.catch(() => undefined)
    await (database ?? broken)?.close()
    database = broken = undefined
  }

  function refuseWhenClosing(): void {
    if (closing) throw new Problem('store-unavailable', 'The store is closed.')
  }
}
