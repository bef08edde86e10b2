import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { PredictionQuery } from '../store/store.js'
import type { LineState } from './changes.js'

export interface Freshness {
  /** When the next bar of what is listed closes, epoch milliseconds; undefined: nothing is stored, or bars of several lengths are listed. */
  readonly nextExpectedMs: number | undefined
  /** For how long no bar can change the answer, seconds; 0: ask again each time. */
  readonly maxAgeSeconds: number
}

/**
 * Until when a listing holds. A clock can tell only what the next bar brings: that is waited for once every line that had the bar before
 * has the newest one. Listings that the next bar does not belong to, and those with superseded predictions, change out of turn.
 */
export function freshness(state: LineState, query: Omit<PredictionQuery, 'limit'>, nowMs: number): Freshness {
  const timeframe = query.timeframe ?? (state.timeframes.length === 1 ? state.timeframes[0] : undefined)
  if (timeframe === undefined) return { nextExpectedMs: undefined, maxAgeSeconds: 0 }
  const barMs = durationMs(timeframe as Timeframe)
  const openNowMs = Math.floor(nowMs / barMs) * barMs
  const nextExpectedMs = openNowMs + barMs
  const newestClosedMs = openNowMs - barMs
  const active = state.newestMs.filter((ms) => ms >= newestClosedMs - barMs)
  const isAnswered = active.length > 0 && active.every((ms) => ms >= newestClosedMs)
  const hasNext = !query.history && (query.toMs === undefined || query.toMs >= openNowMs)
  return { nextExpectedMs, maxAgeSeconds: isAnswered && hasNext ? Math.floor((nextExpectedMs - nowMs) / 1000) : 0 }
}
