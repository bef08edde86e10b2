import { deserialize, serialize } from 'node:v8'
import { mergeChanges } from './changes.js'
import type { Changes } from './changes.js'
import { openJournal } from './journal.js'
import type { FoundEntries } from './journal.js'

/** Changes that are durable, in a journal beside the file, and come into the tables some time later, many at once. */
export interface Ahead {
  readonly isEmpty: boolean
  /** Number of the last change that is not in the tables; undefined: all are. */
  readonly revision: number | undefined
  /** How long the oldest changes have waited to come into the tables, seconds; 0: none wait. */
  readonly waitingSeconds: number
  /**
   * Adds changes; durable when it resolves. One call at a time.
   * @returns false when there is no room: bring what is there into the tables first, and then these changes without the journal
   */
  append(changes: Changes): Promise<boolean>
  /** Empties the journal, whose entries are all in the tables; later ones carry the token that the file has got by then. */
  renew(renewToken: () => Promise<number>): Promise<void>
  /** What comes into the tables next: the same again until it is `applied`. Undefined: nothing. */
  next(): Promise<Changes | undefined>
  /** All that is not in the tables. */
  all(): Changes | undefined
  /** Changes up to this number are in the tables. */
  applied(revision: number): void
  /** Gives the disk back some space, for the tables. */
  giveSpace(): Promise<void>
  takeSpace(): Promise<void>
  /** Removes the journal if all of it is in the tables. */
  close(): Promise<void>
}

/** What the database file knows of its journal. */
export interface JournalOwner {
  /** Number of the last commit that is in the tables. */
  readonly tablesAt: number
  /** What the entries of its journal carry; undefined: it never had one. */
  readonly token: number | undefined
}

/**
 * What a process left behind that ended without closing is in it from the beginning; it comes into the tables, and `renew` is called, before anything is appended.
 * @throws Error with one clear sentence when the journal is another file's, or damaged
 */
export async function openAhead(path: string, owner: JournalOwner): Promise<Ahead> {
  const journal = await openJournal(path)
  let older: Changes[] = []
  let newer: Changes[] = []
  /** When the first of each was appended, `performance.now()`. */
  let olderSinceMs = performance.now()
  let newerSinceMs = NaN
  let appending: Promise<unknown> | undefined
  let token = owner.token ?? NaN
  try {
    older = unapplied(await journal.entries(), path, owner)
    // What was left behind may need the space before.
    if (older.length === 0) await journal.takeSpace()
  } catch (cause) {
    await journal.close(false)
    throw cause
  }

  return {
    get isEmpty() {
      return older.length + newer.length === 0
    },
    get revision() {
      return (newer.at(-1) ?? older.at(-1))?.revision
    },
    get waitingSeconds() {
      if (older.length + newer.length === 0) return 0
      return (performance.now() - (older.length > 0 ? olderSinceMs : newerSinceMs)) / 1000
    },
    append: (changes) => {
      const appended = append(changes)
      appending = appended.catch(() => undefined).finally(() => (appending = undefined))
      return appended
    },
    renew: async (renewToken) => {
      await journal.clear()
      token = await renewToken()
    },
    next,
    all: () => (older.length + newer.length === 0 ? undefined : mergeChanges([...older, ...newer])),
    applied,
    giveSpace: () => journal.giveSpace(),
    takeSpace: () => journal.takeSpace(),
    close: () => journal.close(older.length + newer.length === 0),
  }

  async function append(changes: Changes): Promise<boolean> {
    if (!(await journal.append(serialize({ format, token, changes } satisfies Entry)))) return false
    if (newer.length === 0) newerSinceMs = performance.now()
    newer.push(changes)
    return true
  }

  async function next(): Promise<Changes | undefined> {
    if (older.length === 0) {
      // What is being written belongs to the half that is about to be worked off.
      while (appending !== undefined) await appending
      if (newer.length > 0) journal.turn()
      older = newer
      olderSinceMs = newerSinceMs
      newer = []
    }
    return older.length === 0 ? undefined : mergeChanges(older)
  }

  function applied(revision: number): void {
    older = older.filter((changes) => changes.revision > revision)
    newer = newer.filter((changes) => changes.revision > revision)
  }
}

/** Rises when `Changes`, or the columns of a row in them, become others. */
const format = 1

interface Entry {
  readonly format: number
  readonly token: number
  readonly changes: Changes
}

/** In their order. Entries of both halves that were worked off may still be there. */
function unapplied({ inOrder, behind }: FoundEntries, path: string, { tablesAt, token }: JournalOwner): Changes[] {
  const read = (entry: Uint8Array) => readEntry(entry, path)
  const all = inOrder.map(read)
  if (all.some((entry) => entry.token !== token)) {
    throw new Error(
      `${path} belongs to another state of the database file beside it, or to another one. Put the file back that it belongs to, or move the journal away: ` +
        'what was answered last before that file was closed is in it.',
    )
  }
  const left = all.map(({ changes }) => changes).filter(({ revision }) => revision > tablesAt)
  left.sort((a, b) => a.revision - b.revision)
  let at = tablesAt
  for (const { after, revision } of left) {
    if (after !== at) throw damaged(path, at)
    at = revision
  }
  if (behind.map(read).some((entry) => entry.token === token && entry.changes.revision > at)) throw damaged(path, at)
  return left
}

function readEntry(entry: Uint8Array, path: string): Entry {
  let read: unknown
  try {
    read = deserialize(entry)
  } catch (cause) {
    throw new Error(`${path} was written by another version of Node: start that one once and end it, then this one.`, { cause })
  }
  if ((read as Entry).format !== format) {
    throw new Error(`${path} was written by another version of barcast: start that one once and end it, then this one.`)
  }
  return read as Entry
}

function damaged(path: string, at: number): Error {
  return new Error(
    `${path} is damaged: what follows commit ${at} cannot be read, although there is more. Restore a copy of it; or move it away, and what was answered last is lost.`,
  )
}
