import type { Ahead } from './ahead.js'
import { bringInNext, readAsIf } from './bring-in.js'
import { checkChanges, rowsOf } from './changes.js'
import { commit } from './commit.js'
import type { Committed } from './commit.js'
import { commitWork } from './commit-work.js'
import type { Work, WorkDone } from './commit-work.js'
import type { Database } from './database.js'
import type { Session } from './session.js'
import { needsNoTable, stage } from './stage.js'
import type { Handed } from './stage.js'

/** How changes get into the file: by way of the journal where that can be, else at once. */
export interface Writing {
  /** Keeps what calls hand in, one after another, all or nothing; durable when it resolves. One call of it at a time. */
  keep(calls: readonly Handed[]): Promise<Committed>
  /** Runs work in a transaction of its own, after everything that was kept before. */
  work(work: Work): Promise<WorkDone>
  /** Runs a read that sees everything that was kept before it was called. */
  read<T>(work: (database: Database) => Promise<T>): Promise<T>
  /** Resolves when everything that was kept is in the tables. */
  settle(): Promise<void>
  /** Ends what goes on in the background. What cannot be brought into the tables stays in the journal. */
  close(): Promise<void>
}

export interface WritingParts {
  readonly session: Session
  /** Undefined: everything goes into the tables at once. */
  readonly ahead: Ahead | undefined
  /** Told after each transaction that brings changes from the journal into the tables: how long it took, seconds. */
  readonly onTables?: ((seconds: number) => void) | undefined
}

/** How long changes stay in the journal when nobody reads: the more of them come into the tables at once, the less each costs. */
const restMs = 100
const restAfterFailureMs = 1_000

export function createWriting({ session, ahead, onTables }: WritingParts): Writing {
  let lastTurn: Promise<unknown> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  /** The tables did not take what is in the journal. */
  let isStuck = false
  let isClosed = false

  return { keep, work, read, settle, close }

  async function keep(calls: readonly Handed[]): Promise<Committed> {
    const kept = await keepAhead(calls)
    if (kept !== undefined) return kept
    return inTurn(async () => {
      await bringAllIn()
      return session.write((database) => commit(database, calls))
    })
  }

  /**
   * Runs no statement, and so needs no turn.
   * @returns undefined when the calls need the tables, or have no room
   */
  async function keepAhead(calls: readonly Handed[]): Promise<Committed | undefined> {
    if (ahead === undefined || calls.some(({ absences = [] }) => absences.length > 0)) return undefined
    return session.write(async (database) => {
      if (!needsNoTable(database, calls)) return undefined
      const { kept, changes, done } = await stage(database, calls)
      if (changes === undefined) return { kept, commit: undefined, rows: 0 }
      if (isStuck) return undefined
      checkChanges(database.tables, changes)
      if (!(await ahead.append(changes))) return undefined
      rest()
      return { kept, commit: done(changes), rows: rowsOf(changes) }
    })
  }

  function work(work: Work): Promise<WorkDone> {
    return inTurn(async () => {
      await bringAllIn()
      return session.write((database) => commitWork(database, work))
    })
  }

  async function read<T>(work: (database: Database) => Promise<T>): Promise<T> {
    if (!isStuck && ahead?.isEmpty === false) await settle().catch(() => undefined)
    if (!isStuck) return session.read(work)
    // In turn, because what is read as if it were in the tables must not come into them meanwhile. They are tried again by the timer.
    return inTurn(() =>
      session.read((database) => {
        const missing = ahead?.all()
        return missing === undefined ? work(database) : readAsIf(database, missing, work)
      }),
    )
  }

  async function settle(): Promise<void> {
    const through = ahead?.revision
    if (through !== undefined) await inTurn(() => bringAllIn(through))
  }

  /** Runs work on the writing connection after everybody who came before. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = lastTurn.then(work)
    lastTurn = result.catch(() => undefined)
    return result
  }

  /** @param through number of the last change that matters: what comes meanwhile would never end under load */
  async function bringAllIn(through = Infinity): Promise<void> {
    if (ahead === undefined) return
    let at = -Infinity
    while (at < through) {
      const changes = await ahead.next()
      if (changes === undefined) break
      const started = performance.now()
      try {
        await bringInNext(ahead, changes, (work) => session.write(work))
        onTables?.((performance.now() - started) / 1000)
      } catch (cause) {
        isStuck = true
        rest()
        throw cause
      }
      at = changes.revision
    }
    isStuck = false
    if (!ahead.isEmpty) rest()
  }

  function rest(): void {
    if (isClosed) return
    timer ??= setTimeout(
      () => {
        timer = undefined
        void settle().catch(() => undefined)
      },
      isStuck ? restAfterFailureMs : restMs,
    )
  }

  async function close(): Promise<void> {
    await settle().catch(() => undefined)
    isClosed = true
    clearTimeout(timer)
    timer = undefined
  }
}
