import { deserialize, serialize } from 'node:v8'
import { mergeChanges } from './changes.js'
import type { Changes } from './changes.js'
import { openJournal } from './journal.js'

/** Changes that are durable, in a journal beside the file, and come into the tables some time later, many at once. */
export interface Ahead {
  readonly isEmpty: boolean
  /** Number of the last change that is not in the tables; undefined: all are. */
  readonly revision: number | undefined
  /**
   * Adds changes; durable when it resolves. One call at a time.
   * @returns false when there is no room: bring what is there into the tables first, and then these changes without the journal
   */
  append(changes: Changes): Promise<boolean>
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

/**
 * What a process left behind that ended without closing is in it from the beginning; it comes into the tables before anything is appended.
 * @param tablesAt number of the last commit that is in the tables
 * @throws Error when the journal goes on from another state of the tables
 */
export async function openAhead(path: string, tablesAt: number): Promise<Ahead> {
  const journal = await openJournal(path)
  let older: Changes[] = []
  let newer: Changes[] = []
  let appending: Promise<unknown> | undefined
  try {
    older = unapplied(journal.found, path, tablesAt)
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
    append: (changes) => {
      const appended = append(changes)
      appending = appended.catch(() => undefined).finally(() => (appending = undefined))
      return appended
    },
    next,
    all: () => (older.length + newer.length === 0 ? undefined : mergeChanges([...older, ...newer])),
    applied,
    giveSpace: () => journal.giveSpace(),
    takeSpace: () => journal.takeSpace(),
    close: () => journal.close(older.length + newer.length === 0),
  }

  async function append(changes: Changes): Promise<boolean> {
    if (!(await journal.append(serialize(changes)))) return false
    newer.push(changes)
    return true
  }

  async function next(): Promise<Changes | undefined> {
    if (older.length === 0) {
      // What is being written belongs to the half that is about to be worked off.
      while (appending !== undefined) await appending
      if (newer.length > 0) journal.turn()
      older = newer
      newer = []
    }
    return older.length === 0 ? undefined : mergeChanges(older)
  }

  function applied(revision: number): void {
    older = older.filter((changes) => changes.revision > revision)
    newer = newer.filter((changes) => changes.revision > revision)
  }
}

/** In their order. Entries of both halves that were worked off may still be there. */
function unapplied(entries: readonly Uint8Array[], path: string, tablesAt: number): Changes[] {
  const all = entries.map((entry) => deserialize(entry) as Changes)
  const left = all.filter(({ revision }) => revision > tablesAt).sort((a, b) => a.revision - b.revision)
  let at = tablesAt
  for (const { after, revision } of left) {
    if (after !== at) {
      throw new Error(
        `${path} goes on after commit ${after}, but the database file beside it ends at ${at}: they do not belong together. ` +
          `Put the file back that was beside it, or move ${path} away; the predictions in it are then not in the database.`,
      )
    }
    at = revision
  }
  return left
}
