import { checkFrame } from '../candles/check.js'
import type { Frame } from '../candles/frame.js'
import type { Submission } from '../candles/submission.js'
import { durationMs } from '../candles/timeframe.js'
import { Problem } from '../errors.js'
import { FollowFailure } from './failure.js'
import type { FollowedSeries } from './schema.js'
import type { FollowedModels, Sink } from './sink.js'
import type { Source } from './source.js'
import { createCatchUp } from './catch-up.js'
import { createMissing } from './missing.js'

export interface PollParts {
  readonly series: FollowedSeries
  readonly source: Source
  readonly sink: Sink
  readonly nowMs: () => number
  /** Told as soon as bars are stored. */
  readonly onKept: (newestMs: number, added: number, revised: number) => void
}

/** What one look at the source came to. */
export interface Round {
  /** Open time of the newest bar that has closed. */
  readonly expectedMs: number
  /** False: look again soon, because that bar, one before it or a model is not there yet. */
  readonly complete: boolean
  readonly added: number
  readonly revised: number
  readonly predicted: number
  readonly skipped: number
  readonly unusable: FollowedModels['unusable']
}

const maxPages = 100_000

/**
 * One look after the other at one series: fetch from a few bars before the newest stored one, keep, predict what is due.
 * @returns a function that looks once; it throws FollowFailure, and may then be called again: what it had kept stays
 */
export function createPoll(parts: PollParts): (signal: AbortSignal) => Promise<Round> {
  const { series, source, sink, nowMs, onKept } = parts
  const durMs = durationMs(series.timeframe)
  const catchUp = createCatchUp(series, sink)
  const missing = createMissing(durMs, series.overlap_bars)
  let historyBars = 0

  return async (signal) => {
    const models = await sink.models(series, series.models)
    signal.throwIfAborted()
    // The clock before the request: what closes while an answer is under way may be unfinished in it.
    const closedMs = nowMs() - series.delay_ms
    const expectedMs = Math.floor(closedMs / durMs) * durMs - durMs
    const kept = await fetchNew(closedMs, expectedMs, lookback(models), signal)
    const extent = await sink.extent(series)
    const predicted =
      extent === undefined ? { predicted: 0, skipped: 0 } : await catchUp.predictDue({ models: models.ready, extent, expectedMs, signal })
    const complete = extent !== undefined && extent.lastMs >= expectedMs && missing.isEmpty() && models.loading.length === 0
    return { expectedMs, complete, ...kept, ...predicted, unusable: models.unusable }
  }

  /** Bars that must be there before the newest can be predicted. */
  function lookback({ ready }: FollowedModels): number {
    return Math.max(series.lookback_bars ?? 1, series.start_bars - 1 + Math.max(1, ...ready.map(({ windowBars }) => windowBars)))
  }

  /** The first look of a process brings the whole history again: it heals what is missing in it and shows what was revised meanwhile. */
  async function fetchNew(closedMs: number, expectedMs: number, wantedBars: number, signal: AbortSignal) {
    const extent = await sink.extent(series)
    const historyFrom = expectedMs - (wantedBars - 1) * durMs
    const overlapFrom = Math.min(extent?.lastMs ?? Infinity, expectedMs) - series.overlap_bars * durMs
    missing.forget(expectedMs, historyFrom)
    const needsHistory = extent === undefined || historyBars < wantedBars
    let sinceMs = Math.min(overlapFrom, needsHistory ? historyFrom : Infinity, missing.oldestMs() ?? Infinity)
    let newestMs = extent?.lastMs
    let anyCame = false
    let added = 0
    let revised = 0
    for (let page = 0; page < maxPages; page++) {
      signal.throwIfAborted()
      const submission = await source.page(sinceMs, signal)
      if (submission === undefined) break
      const frame = checked(submission, closedMs)
      const lastMs = frame.openTimeMs[frame.nBars - 1]
      if (lastMs === undefined) break
      anyCame = true
      const changes = await sink.keep(series, frame)
      added += changes.added
      revised += changes.revised
      if (missing.note(frame, newestMs, expectedMs) || changes.added > countAfter(frame, newestMs)) catchUp.startAgain()
      newestMs = Math.max(newestMs ?? lastMs, lastMs)
      onKept(newestMs, changes.added, changes.revised)
      const isLast = lastMs >= expectedMs || (submission.nBars < source.pageBars && expectedMs - lastMs <= 2 * durMs)
      if (isLast || source.pageBars === Infinity || lastMs + durMs <= sinceMs) break
      sinceMs = lastMs + durMs
    }
    // While a source has nothing, its history is still to be fetched.
    if (anyCame) historyBars = Math.max(historyBars, wantedBars)
    return { added, revised }
  }

  function checked(submission: Submission, closedMs: number): Frame {
    try {
      return checkFrame(submission, series.timeframe, closedMs).frame
    } catch (cause) {
      if (!(cause instanceof Problem)) throw cause
      throw new FollowFailure(cause.code === 'conflicting-candle' ? 'conflicting-candles' : 'bad-candles', cause.message, { cause })
    }
  }
}

function countAfter({ openTimeMs }: Frame, afterMs: number | undefined): number {
  if (afterMs === undefined) return openTimeMs.length
  return openTimeMs.length - openTimeMs.filter((ms) => ms <= afterMs).length
}
