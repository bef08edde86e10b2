import { randomUUID } from 'node:crypto'
import { Problem } from '../errors.js'
import type { JobState, JobStore } from '../store/job-store.js'
import type { JobKind, JsonObject } from './job-kind.js'
import { createNotes, type Notes, type NotesPage } from './notes.js'
import { toJob, toStored, toUpdate } from './stored.js'
import { createWaitingRoom } from './waiting-room.js'

/** A job as it stands now. */
export interface Job {
  readonly id: string
  readonly kind: string
  /** Waiting: another job runs first. */
  readonly state: JobState | 'waiting'
  /** Of a job that has ended: what remains of it. */
  readonly request: JsonObject
  readonly progress: JsonObject
  readonly result: JsonObject | null
  readonly createdAtMs: number
  readonly updatedAtMs: number
}

export interface JobRunner {
  /**
   * Durable when it resolves; the work begins when the jobs before it have ended.
   * @throws Problem `overloaded` when too many wait already
   */
  start(kind: string, request: JsonObject): Promise<Job>
  find(kind: string, id: string): Promise<Job | undefined>
  /** Newest first. */
  list(kind: string, limit: number): Promise<readonly Job[]>
  /** Resolves when the work has stopped. A job that has ended stays as it is. Undefined: there is none. */
  cancel(kind: string, id: string): Promise<Job | undefined>
  /** What a job of this process noted, from a line number on. Undefined: nothing of it is kept, for another process ran it, or long ago. */
  notes(id: string, from: number, limit: number): NotesPage | undefined
  /** Takes up the jobs that were running when a process ended. */
  resume(): Promise<void>
  /** Stops the work; what was running is taken up by the next `resume`. */
  close(): Promise<void>
}

export interface JobRunnerParts {
  readonly store: JobStore
  readonly kinds: readonly JobKind[]
  readonly nowMs: () => number
  readonly onFailure?: (job: Job, cause: unknown) => void
}

/** Progress is saved this often at most. */
const saveEveryMs = 100
/** Ended jobs whose notes stay readable. */
const mostNoted = 4

/** Runs jobs one at a time, in the order in which they came. */
export function createJobRunner({ store, kinds, nowMs, onFailure = ignore }: JobRunnerParts): JobRunner {
  const queue: Live[] = []
  /** Jobs of this process that have not ended, by id; their state here is newer than the stored one. */
  const live = new Map<string, Live>()
  const noted = new Map<string, Notes>()
  const waitingRoom = createWaitingRoom()
  let working: Promise<void> | undefined
  let closed = false

  return { start, find, list, cancel, notes, resume, close }

  async function start(kind: string, request: JsonObject): Promise<Job> {
    refuseWhenClosed()
    const now = nowMs()
    const job = {
      id: randomUUID(),
      kind,
      state: 'waiting',
      request,
      progress: {},
      result: null,
      createdAtMs: now,
      updatedAtMs: now,
    } as const
    const stored = toStored(job)
    // Before it is stored: others come meanwhile.
    const leave = waitingRoom.enter(stored.request.length)
    try {
      await store.add(stored)
    } catch (cause) {
      leave()
      throw cause
    }
    enqueue(job, leave)
    return job
  }

  async function resume(): Promise<void> {
    const running = await store.list({ state: 'running' })
    for (const stored of [...running].reverse()) {
      if (live.has(stored.id) || !kinds.some(({ name }) => name === stored.kind)) continue
      enqueue({ ...toJob(stored), state: 'waiting' }, waitingRoom.enterAgain(stored.request.length))
    }
  }

  /** @param leave to be called when it waits no more */
  function enqueue(job: Job, leave: () => void): void {
    if (closed) return
    const entry: Live = { job, leave, abort: new AbortController(), savedMs: -Infinity, saving: Promise.resolve(), ended: defer() }
    live.set(job.id, entry)
    queue.push(entry)
    working ??= work().finally(() => (working = undefined))
  }

  async function work(): Promise<void> {
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) await runOne(entry)
  }

  async function runOne(entry: Live): Promise<void> {
    const { signal } = entry.abort
    entry.leave()
    if (closed || signal.aborted) return end(entry)
    entry.job = { ...entry.job, state: 'running' }
    const kind = kindOf(entry.job)!
    const lines = keepNotes(entry.job.id)
    try {
      const result = await kind.run(entry.job.request, {
        signal,
        before: entry.job.progress,
        noted: (count) => lines.beginAt(count),
        note: (line) => lines.add(line),
        progress: (next) => advance(entry, next),
      })
      await settle(entry, 'done', result)
    } catch (cause) {
      if (!signal.aborted) await settle(entry, 'failed', { error: describe(cause) }, cause)
    }
    await end(entry)
  }

  function advance(entry: Live, progress: JsonObject): void {
    const now = nowMs()
    entry.job = { ...entry.job, progress, updatedAtMs: now }
    if (now - entry.savedMs < saveEveryMs) return
    entry.savedMs = now
    // Progress that could not be saved is made up for by the next; the end of the job says so when the store is gone.
    void save(entry).catch(ignore)
  }

  async function settle(entry: Live, state: JobState, result: JsonObject, cause?: unknown): Promise<void> {
    entry.job = ended(entry.job, state, result)
    if (cause !== undefined) onFailure(entry.job, cause)
    await save(entry).catch((error: unknown) => onFailure(entry.job, error))
  }

  /** A job that was cancelled is saved as such; one that the closing of the process cut off stays running in the store. */
  async function end(entry: Live): Promise<void> {
    if (entry.abort.signal.reason === 'cancelled' && entry.job.result === null) await settle(entry, 'cancelled', {})
    await entry.saving.catch(ignore)
    live.delete(entry.job.id)
    entry.ended.resolve()
  }

  function ended(job: Job, state: JobState, result: JsonObject): Job {
    return { ...job, state, result, request: kindOf(job)?.remainsOf?.(job.request) ?? job.request, updatedAtMs: nowMs() }
  }

  function kindOf({ kind }: Job): JobKind | undefined {
    return kinds.find(({ name }) => name === kind)
  }

  function save(entry: Live): Promise<void> {
    return (entry.saving = entry.saving.catch(ignore).then(() => store.update(toUpdate(entry.job))))
  }

  function keepNotes(id: string): Notes {
    const lines = createNotes()
    noted.set(id, lines)
    if (noted.size > mostNoted) noted.delete(noted.keys().next().value as string)
    return lines
  }

  async function find(kind: string, id: string): Promise<Job | undefined> {
    const job = live.get(id)?.job ?? (await stored(id))
    return job?.kind === kind ? job : undefined
  }

  async function stored(id: string): Promise<Job | undefined> {
    const found = await store.find(id)
    return found && toJob(found)
  }

  async function list(kind: string, limit: number): Promise<readonly Job[]> {
    const rows = await store.list({ kind, limit })
    return rows.map((row) => live.get(row.id)?.job ?? toJob(row))
  }

  async function cancel(kind: string, id: string): Promise<Job | undefined> {
    const job = await find(kind, id)
    const entry = live.get(id)
    if (job === undefined || (entry === undefined && job.state !== 'running')) return job
    // Left by another process, and not taken up here.
    if (entry === undefined) {
      const cancelled = ended(job, 'cancelled', {})
      await store.update(toUpdate(cancelled))
      return cancelled
    }
    entry.abort.abort('cancelled')
    const place = queue.indexOf(entry)
    if (place !== -1) {
      queue.splice(place, 1)
      entry.leave()
      await end(entry)
    }
    await entry.ended.promise
    return entry.job
  }

  function notes(id: string, from: number, limit: number): NotesPage | undefined {
    return noted.get(id)?.read(from, limit)
  }

  async function close(): Promise<void> {
    closed = true
    for (const { abort } of live.values()) abort.abort('closing')
    await working
  }

  function refuseWhenClosed(): void {
    if (closed) throw new Problem('store-unavailable', 'The service is closing; ask again when it is back.', {}, { retryAfterSeconds: 5 })
  }
}

interface Live {
  job: Job
  /** It waits no more. */
  readonly leave: () => void
  readonly abort: AbortController
  savedMs: number
  /** The newest save, or the one before it. */
  saving: Promise<void>
  readonly ended: { readonly promise: Promise<void>; readonly resolve: () => void }
}

function describe(cause: unknown): JsonObject {
  if (cause instanceof Problem) return { code: cause.code, detail: cause.message }
  return { code: 'internal', detail: 'Something went wrong here. The log has it under the id of the job.' }
}

function defer() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}

function ignore(): void {}
