import type { FollowingState } from './follow.js'
import type { FollowingAnswer } from './answer-schema.js'

/** What GET /readyz says of each followed series. */
export function toFollowingAnswer(states: readonly FollowingState[]): FollowingAnswer {
  return {
    series: states.map(({ series, source, state, newestMs, expectedMs, missingBars, lastSuccessMs, lastError, nextAttemptMs }) => ({
      symbol: series.symbol,
      timeframe: series.timeframe,
      source,
      state,
      newest_bar: iso(newestMs),
      expected_bar: iso(expectedMs)!,
      missing_bars: missingBars,
      last_success: iso(lastSuccessMs),
      last_error: lastError === null ? null : { time: iso(lastError.atMs)!, reason: lastError.reason, detail: lastError.detail },
      next_attempt: iso(nextAttemptMs),
    })),
  }
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
