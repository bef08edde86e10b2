import { setTimeout as wait } from 'node:timers/promises'

/** What time it is, and waiting. Handed in, so that tests and rehearsals run by another one. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number
  /** What it will show after so many milliseconds of real time. */
  after(ms: number): number
  /** Resolves when the clock shows `ms` or more; rejects when the signal ends it. */
  sleepUntil(ms: number, signal: AbortSignal): Promise<void>
}

/** Timers stand still while a machine sleeps: the clock is looked at again after so long. */
const longestNapMs = 15_000

/** The clock of the machine. */
export function systemClock(): Clock {
  return runningClock(Date.now, 1)
}

/**
 * A clock that shows `fromMs` now and runs `speed` times faster than the machine's.
 * @param begins it stands still until this is resolved
 */
export function rehearsalClock(fromMs: number, speed: number, begins?: Promise<unknown>): Clock {
  let started = begins === undefined ? performance.now() : Infinity
  void begins?.then(() => (started = performance.now()))
  return runningClock(() => Math.floor(fromMs + Math.max(0, performance.now() - started) * speed), speed)
}

function runningClock(nowMs: () => number, speed: number): Clock {
  return {
    nowMs,
    after: (ms) => nowMs() + ms * speed,
    async sleepUntil(ms, signal) {
      signal.throwIfAborted()
      for (let left = (ms - nowMs()) / speed; left > 0; left = (ms - nowMs()) / speed) {
        await wait(Math.min(Math.ceil(left), longestNapMs), undefined, { signal })
      }
    },
  }
}
