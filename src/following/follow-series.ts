import { durationMs } from '../candles/timeframe.js'
import { Problem } from '../errors.js'
import { backoffMs } from './backoff.js'
import type { Clock } from './clock.js'
import { FollowFailure } from './failure.js'
import { createPoll, type Round } from './poll.js'
import type { FollowedSeries } from './schema.js'
import type { Sink } from './sink.js'
import type { Source } from './source.js'
import type { SeriesState } from './state.js'

export interface SeriesParts {
  readonly series: FollowedSeries
  readonly source: Source
  readonly sink: Sink
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly tell: (event: FollowEvent) => void
}

/** What happened, for logs and metrics. */
export type FollowEvent =
  | { readonly kind: 'kept'; readonly series: FollowedSeries; readonly added: number; readonly revised: number }
  | { readonly kind: 'looked'; readonly series: FollowedSeries; readonly round: Round }
  | { readonly kind: 'failed'; readonly series: FollowedSeries; readonly failure: FollowFailure; readonly waitMs: number }

export interface SeriesFollower {
  /** Follows until the signal ends it; then resolves. Never rejects. */
  readonly run: (signal: AbortSignal) => Promise<void>
  /** Looks until everything that has closed is there and predicted, at most so many times. Resolves to whether it is; the state says why not. */
  readonly once: (looks: number, signal: AbortSignal) => Promise<boolean>
  readonly state: () => SeriesState
}

/** Follows one series: one look at its source at a time, shortly after each bar closes, sooner again while something is missing. */
export function createSeriesFollower(parts: SeriesParts): SeriesFollower {
  const { series, source, clock, random, tell } = parts
  const durMs = durationMs(series.timeframe)
  let state: SeriesState = {
    series,
    source: source.about,
    state: 'waiting',
    newestMs: null,
    lastSuccessMs: null,
    lastError: null,
    nextAttemptMs: null,
  }
  const poll = createPoll({
    ...parts,
    nowMs: () => clock.nowMs(),
    onKept(newestMs, added, revised) {
      state = { ...state, newestMs }
      if (added + revised > 0) tell({ kind: 'kept', series, added, revised })
    },
  })

  return { run, once, state: () => state }

  async function run(signal: AbortSignal): Promise<void> {
    let tries = 0
    try {
      for (;;) {
        const next = await attempt(signal, tries + 1)
        tries = next.again ? tries + 1 : 0
        state = { ...state, state: next.again ? 'retrying' : 'waiting', nextAttemptMs: next.atMs }
        await clock.sleepUntil(next.atMs, signal)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      state = { ...state, state: 'stopped', nextAttemptMs: null }
    }
  }

  async function once(looks: number, signal: AbortSignal): Promise<boolean> {
    for (let nth = 1; nth <= looks; nth++) {
      const next = await attempt(signal, nth)
      if (!next.again) return true
      if (nth < looks) await clock.sleepUntil(next.atMs, signal)
    }
    return false
  }

  /** One look, and when to look next. */
  async function attempt(signal: AbortSignal, nth: number): Promise<{ again: boolean; atMs: number }> {
    try {
      const { complete, expectedMs } = await look(signal)
      const nextBarMs = expectedMs + 2 * durMs + series.delay_ms
      return complete ? { again: false, atMs: nextBarMs } : { again: true, atMs: clock.after(backoffMs(nth, series.retry, random)) }
    } catch (error) {
      signal.throwIfAborted()
      const failure = toFailure(error)
      const waitMs = Math.max(backoffMs(nth, series.retry, random), failure.retryAfterMs ?? 0)
      state = { ...state, lastError: { atMs: clock.nowMs(), reason: failure.reason, detail: failure.message } }
      tell({ kind: 'failed', series, failure, waitMs })
      return { again: true, atMs: clock.after(waitMs) }
    }
  }

  async function look(signal: AbortSignal): Promise<Round> {
    state = { ...state, state: 'looking' }
    const round = await poll(signal)
    state = { ...state, lastSuccessMs: clock.nowMs() }
    tell({ kind: 'looked', series, round })
    return round
  }
}

/** What the service itself refuses is worth another try as well: a full disk, a model that is loading. */
function toFailure(error: unknown): FollowFailure {
  if (error instanceof FollowFailure) return error
  if (!(error instanceof Problem)) return new FollowFailure('internal', 'unexpected error; the log has it', { cause: error })
  const { retryAfterSeconds } = error
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterMs: retryAfterSeconds * 1_000 }
  return new FollowFailure('service', `${error.code}: ${error.message}`, { cause: error, ...wait })
}
