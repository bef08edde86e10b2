import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../../src/following/clock.js'

/** A clock that stands still until somebody sleeps or works: for one follower. */
export function virtualClock(startMs: number): Clock & { readonly pass: (ms: number) => void } {
  let nowMs = startMs
  return {
    nowMs: () => nowMs,
    after: (ms) => nowMs + ms,
    pass: (ms) => void (nowMs += ms),
    async sleepUntil(ms, signal) {
      await setImmediate()
      signal.throwIfAborted()
      nowMs = Math.max(nowMs, ms)
    },
  }
}
