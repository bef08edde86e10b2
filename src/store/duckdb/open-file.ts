import { openAhead } from './ahead.js'
import type { Ahead } from './ahead.js'
import { bringIn } from './bring-in.js'
import { openDatabase } from './database.js'
import type { Database } from './database.js'
import { createSession } from './session.js'
import type { Session } from './session.js'

/** An open file with its journal. Without a file there is no journal: nothing outlives the process. */
export interface OpenFile {
  readonly session: Session
  readonly ahead: Ahead | undefined
}

/**
 * Opens a file, brings into its tables what a process left in the journal that ended without closing, and keeps the journal open beside it.
 * @throws Error with one clear sentence
 */
export async function openFile(path: string): Promise<OpenFile> {
  const database = await openDatabase(path)
  if (path === ':memory:') return { session: createSession(database, () => openDatabase(path)), ahead: undefined }
  let ahead: Ahead
  try {
    ahead = await openAhead(`${path}.journal`, database.revision)
  } catch (cause) {
    await database.close()
    throw cause
  }
  return { session: createSession(await catchUp(database, ahead), reopen), ahead }

  async function catchUp(database: Database, ahead: Ahead): Promise<Database> {
    const changes = await ahead.next()
    if (changes === undefined) return database
    try {
      await bringIn(database, changes)
    } catch (cause) {
      await database.close()
      await ahead.close()
      throw cause
    }
    ahead.applied(changes.revision)
    // The memories were filled before.
    await database.close()
    return openDatabase(path)
  }

  /** The memories go on where something is still in the journal: they have it already. */
  async function reopen(before: Database): Promise<Database> {
    const fresh = await openDatabase(path)
    ahead.applied(fresh.revision)
    if (ahead.isEmpty) return fresh
    const { recent, candleMemory, featureMemory, revision } = before
    return { ...fresh, recent, candleMemory, featureMemory, revision }
  }
}
