import type { FailureReason } from './failure.js'
import type { FollowedSeries } from './schema.js'

/** How far the following of one series is; times in epoch milliseconds of the clock that is followed by. */
export interface SeriesState {
  readonly series: FollowedSeries
  /** Where its candles come from, without secrets. */
  readonly source: string
  /** waiting: for the next bar; looking: at the source; retrying: waits after a failure or for a late bar. */
  readonly state: 'waiting' | 'looking' | 'retrying' | 'stopped'
  /** Open time of the newest bar that was fetched. */
  readonly newestMs: number | null
  readonly lastSuccessMs: number | null
  readonly lastError: { readonly atMs: number; readonly reason: FailureReason; readonly detail: string } | null
  readonly nextAttemptMs: number | null
}
