import { durationMs } from '../candles/timeframe.js'
import type { Clock } from './clock.js'
import { createSeriesFollower, type FollowEvent } from './follow-series.js'
import type { FollowedSeries, FollowFile, SourceSettings } from './schema.js'
import type { Sink } from './sink.js'
import type { Source } from './source.js'
import type { SeriesState } from './state.js'

export interface FollowingParts {
  readonly file: FollowFile
  readonly openSource: (settings: SourceSettings, series: FollowedSeries) => Source
  readonly sink: Sink
  readonly clock: Clock
  /** From 0 up to 1; Math.random when not given. */
  readonly random?: () => number
  readonly tell?: (event: FollowEvent) => void
}

/** Several series followed side by side; none waits for another. */
export interface Following {
  /** Begins; nothing happens before. Does nothing the second time, or after `close`. */
  readonly start: () => void
  /** Looks at every series until it is complete, at most so many times, instead of following. Resolves to the series that are not. */
  readonly once: (looks: number, signal: AbortSignal) => Promise<readonly FollowingState[]>
  readonly states: () => readonly FollowingState[]
  /** Ends what is under way; resolves when nothing of it goes on. */
  readonly close: () => Promise<void>
}

export interface FollowingState extends SeriesState {
  /** Open time of the newest bar that has closed. */
  readonly expectedMs: number
  /** Closed bars that are not there; null while nothing was fetched. */
  readonly missingBars: number | null
  /** Since the first bar that is missing has closed. */
  readonly lagSeconds: number
  /** True: the configuration wants so far a lag to show in readiness. */
  readonly unready: boolean
}

export function createFollowing({ file, openSource, sink, clock, random = Math.random, tell = ignore }: FollowingParts): Following {
  const followers = file.series.map((series) =>
    createSeriesFollower({ series, source: openSource(series.source, series), sink, clock, random, tell }),
  )
  const ending = new AbortController()
  let running: Promise<unknown> | undefined
  const states = () => followers.map(({ state }) => describe(state(), clock.nowMs()))

  return {
    start() {
      if (!ending.signal.aborted) running ??= Promise.all(followers.map(({ run }) => run(ending.signal)))
    },
    async once(looks, signal) {
      const complete = await Promise.all(followers.map(({ once }) => once(looks, signal)))
      return states().filter((_, i) => !complete[i])
    },
    states,
    async close() {
      ending.abort()
      await running
    },
  }
}

function describe(state: SeriesState, nowMs: number): FollowingState {
  const { series, newestMs } = state
  const durMs = durationMs(series.timeframe)
  const expectedMs = Math.floor((nowMs - series.delay_ms) / durMs) * durMs - durMs
  const missingBars = newestMs === null ? null : Math.max(0, (expectedMs - newestMs) / durMs)
  const lagSeconds = missingBars === null || missingBars === 0 ? 0 : (nowMs - (newestMs! + 2 * durMs)) / 1_000
  const { unready_after_bars: unreadyAfter } = series
  return { ...state, expectedMs, missingBars, lagSeconds, unready: unreadyAfter !== undefined && (missingBars ?? Infinity) >= unreadyAfter }
}

function ignore(): void {}
