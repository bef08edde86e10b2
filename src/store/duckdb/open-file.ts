import { realpath } from 'node:fs/promises'
import { openAhead } from './ahead.js'
import type { Ahead } from './ahead.js'
import { bringInNext } from './bring-in.js'
import { openDatabase } from './database.js'
import type { Database } from './database.js'
import { isForWantOfSpace, openFailure } from './failure.js'
import { readJournalToken, renewJournalToken } from './journal-token.js'
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
  const { ahead, caughtUp } = await openJournalOf(path, database)
  return { session: createSession(caughtUp, reopen), ahead }

  /** The memories go on where something is still in the journal: they have it already. */
  async function reopen(before: Database): Promise<Database> {
    const fresh = await openDatabase(path)
    ahead.applied(fresh.revision)
    if (ahead.isEmpty) return fresh
    const { recent, candleMemory, featureMemory, revision } = before
    return { ...fresh, recent, candleMemory, featureMemory, revision }
  }
}

/** @returns the database as it is with everything that was in the journal */
async function openJournalOf(path: string, database: Database): Promise<{ readonly ahead: Ahead; readonly caughtUp: Database }> {
  let ahead: Ahead | undefined
  let open: Database | undefined = database
  let journal = `${path}.journal`
  try {
    // DuckDB's log lies beside the file itself, too, and not beside a link to it.
    journal = `${await realpath(path)}.journal`
    const token = await readJournalToken(database.writer)
    ahead = await openAhead(journal, { tablesAt: database.revision, token })
    const changes = await ahead.next()
    if (changes !== undefined) {
      await bringInNext(ahead, changes, (work) => work(database))
      // The memories were filled before.
      await database.close()
      open = undefined
      open = await openDatabase(path)
    }
    // The journal first: entries that carry the old token would be another file's.
    const { writer } = open
    await ahead.renew(() => renewJournalToken(writer).catch((cause: unknown) => keepToken(token, cause)))
    return { ahead, caughtUp: open }
  } catch (cause) {
    await open?.close()
    await ahead?.close()
    if (ahead?.isEmpty === false && isForWantOfSpace(cause)) throw new Error(noSpace(path, journal), { cause })
    if (ahead !== undefined) throw openFailure(path, cause)
    throw cause instanceof Error && 'code' in cause ? openFailure(journal, cause) : cause
  }
}

/** The journal is empty, so the old token does as well; reading goes on while the disk is full. */
function keepToken(token: number | undefined, cause: unknown): number {
  if (token === undefined || !isForWantOfSpace(cause)) throw cause
  return token
}

function noSpace(path: string, journal: string): string {
  return (
    `The disk has no room to open ${path}: what was answered last is in ${journal} and does not get into the file. ` +
    'Nothing is lost. Make room for some megabytes, then start again.'
  )
}
