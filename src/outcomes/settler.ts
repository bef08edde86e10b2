import { performance } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import type { StoredOutcome } from '../store/outcome-store.js'
import type { Store } from '../store/store.js'
import { createFrontier } from './frontier.js'
import { look } from './look.js'
import { type Changed, createUnsettled } from './unsettled.js'

/** The work in the background that finds out whether predictions came true. */
export interface Settler {
  /** Resolves when everything that was committed before the call has been looked at. Rejects when the store cannot answer, or when it closes. */
  idle(): Promise<void>
  /** Looks at what is waiting for at most `withinMs`, then ends. What is left is looked at after the next start. Never rejects. */
  close(withinMs?: number): Promise<void>
}

export interface SettlerParts {
  readonly store: Pick<Store, 'onCommit' | 'revision' | 'candles' | 'outcomes'>
  /** Clock, epoch milliseconds. */
  readonly nowMs: () => number
  /** Told after each commit of outcomes. */
  readonly count?: (status: StoredOutcome['status'], rows: number) => void
  /** Told when a pass failed; it is tried again, later and later. */
  readonly onError?: (error: unknown) => void
  /** Shortest time between the end of a pass and the begin of the next one that nobody waits for, milliseconds. */
  readonly paceMs?: number
}

/** Outcomes per commit: 12 ms, of which 2 hold the main thread. */
const rowsPerCommit = 500
const longestRetryMs = 30_000

/**
 * Listens to commits and settles what they touch: new predictions whose horizon is over already, and predictions that depend on candles that
 * were added or revised. Only outcomes that differ from the stored ones are written. Each pass records up to which commit everything was looked at, in the
 * same commit as its outcomes, so that a process that was killed goes on where it was.
 */
export function createSettler({ store, nowMs, count, onError, paceMs = 200 }: SettlerParts): Settler {
  const unsettled = createUnsettled()
  const frontier = createFrontier(store)
  /** Highest commit number heard of; everything up to `looked` was looked at. */
  let seen = 0
  let looked = 0
  let unrecorded = false
  let resumed = false
  let retryMs = 0
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closing: Promise<void> | undefined
  let endAtMs = Infinity

  const stopListening = store.onCommit((commit) => {
    seen = Math.max(seen, commit.revision)
    if (commit.predictions.length === 0 && commit.candles.length === 0) return
    unsettled.add(commit)
    schedule(paceMs)
  })
  schedule(0)
  return { idle, close }

  async function idle(): Promise<void> {
    const wanted = await store.revision()
    // Listeners have been told by then, too.
    await turn()
    seen = Math.max(seen, wanted)
    while (looked < wanted || !resumed) {
      if (closing !== undefined) throw new Error('Settling has ended.')
      await (running ?? run())
    }
  }

  function close(withinMs = 2_000): Promise<void> {
    return (closing ??= end(withinMs))
  }

  async function end(withinMs: number): Promise<void> {
    stopListening()
    clearTimeout(timer)
    endAtMs = performance.now() + withinMs
    try {
      await running
      if (!resumed || !unsettled.isEmpty()) await run()
      else if (unrecorded) await store.outcomes.record([], looked)
    } catch {
      // Either the time was over, which is no failure, or the store cannot answer: the next start looks at the same again.
    }
  }

  function schedule(afterMs: number): void {
    if (timer !== undefined || running !== undefined || closing !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      run().catch(() => undefined)
    }, afterMs)
    timer.unref()
  }

  /** One pass at a time. Rejects when it failed; what it should have looked at is kept for the next one. */
  function run(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const started = performance.now()
    running = pass().then(
      () => {
        retryMs = 0
        running = undefined
        // Half of the time at most: the rest belongs to whoever made the commits.
        if (!unsettled.isEmpty()) schedule(Math.max(paceMs, performance.now() - started))
      },
      (error: unknown) => {
        running = undefined
        retryMs = Math.min(longestRetryMs, Math.max(1_000, 2 * retryMs))
        if (!(error instanceof TimeIsOver)) onError?.(error)
        schedule(retryMs)
        throw error
      },
    )
    return running
  }

  async function pass(): Promise<void> {
    if (!resumed) await resume()
    const through = seen
    const taken = unsettled.take()
    // By prediction: what two changes concern is looked at twice, and is one outcome.
    const waiting = new Map<string, StoredOutcome>()
    try {
      for (const changed of taken) {
        for (const query of await frontier.queries(changed)) {
          unsettled.noteNewest(changed, query.newestMs)
          for await (const outcomes of look({ ...query, store, nowMs, goOn })) {
            for (const outcome of outcomes) waiting.set(outcome.predictionId, outcome)
            while (waiting.size >= rowsPerCommit) await record(takeSome(waiting))
          }
        }
      }
      if (waiting.size > 0 || (closing !== undefined && taken.length > 0)) await record(takeSome(waiting), through)
      else unrecorded ||= taken.length > 0
    } catch (error) {
      for (const changed of taken) unsettled.addChanged(changed)
      throw error
    }
    for (const changed of taken) frontier.moveOn(changed)
    looked = Math.max(looked, through)
  }

  async function record(outcomes: readonly StoredOutcome[], through?: number): Promise<void> {
    await store.outcomes.record(outcomes, through)
    if (through !== undefined) unrecorded = false
    for (const status of ['settled', 'unsettleable'] as const) {
      const rows = outcomes.filter((outcome) => outcome.status === status).length
      if (rows > 0) count?.(status, rows)
    }
  }

  /** What changed while nobody listened. */
  async function resume(): Promise<void> {
    const now = await store.revision()
    const since = await store.outcomes.through()
    const predictions = (await store.outcomes.predictedSince(since)).map((found) => changedOf(found, 'predictions'))
    const candles = (await store.candles.changedSince(since)).map((found) => changedOf(found, 'candles'))
    for (const { newestMs, ...series } of await store.outcomes.newestBars(since)) frontier.lookedAt(series, newestMs)
    for (const changed of predictions) unsettled.addChanged(changed)
    // Nothing was ever looked at: every prediction will be, whatever candles there are.
    for (const changed of candles) {
      if (since === 0) frontier.moveOn(changed)
      else unsettled.addChanged(changed)
    }
    seen = Math.max(seen, now)
    resumed = true
  }

  function goOn(): void {
    if (performance.now() > endAtMs) throw new TimeIsOver('Settling has ended.')
  }
}

/** The process ends before everything was looked at. */
class TimeIsOver extends Error {
  override readonly name = 'TimeIsOver'
}

/** The oldest ones, at most a commit's worth. */
function takeSome(waiting: Map<string, StoredOutcome>): StoredOutcome[] {
  const taken: StoredOutcome[] = []
  for (const [id, outcome] of waiting) {
    if (taken.length === rowsPerCommit) break
    taken.push(outcome)
    waiting.delete(id)
  }
  return taken
}

function changedOf(
  { symbol, timeframe, firstMs, lastMs }: { symbol: string; timeframe: string; firstMs: number; lastMs: number },
  what: 'predictions' | 'candles',
): Changed {
  return { symbol, timeframe, predictions: [], candles: [], [what]: [{ fromMs: firstMs, toMs: lastMs }] }
}
