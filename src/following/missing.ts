import type { Frame } from '../candles/frame.js'

/** Bars that are missing between others, in memory: a source may still bring them. */
export interface Missing {
  /**
   * Takes note of a frame that came when `newestMs` was the newest bar.
   * @returns whether something came that had been missing
   */
  readonly note: (frame: Frame, newestMs: number | undefined, expectedMs: number) => boolean
  /** Gives up what has been missing for too many bars, and what lies before `fromMs`. */
  readonly forget: (expectedMs: number, fromMs: number) => void
  readonly oldestMs: () => number | undefined
  readonly isEmpty: () => boolean
}

const mostBars = 10_000

/** @param patienceBars a bar is waited for while so many others close */
export function createMissing(durMs: number, patienceBars: number): Missing {
  /** Open time of the newest bar that had closed when the bar was noticed to be missing. */
  const noticedMs = new Map<number, number>()

  return {
    note(frame, newestMs, expectedMs) {
      let came = false
      let before = newestMs ?? frame.openTimeMs[0]!
      for (const ms of frame.openTimeMs) {
        if (noticedMs.delete(ms)) came = true
        if (ms <= before) continue
        for (let absent = Math.max(before + durMs, ms - mostBars * durMs); absent < ms; absent += durMs) noticedMs.set(absent, expectedMs)
        before = ms
      }
      return came
    },
    forget(expectedMs, fromMs) {
      for (const [ms, noticed] of noticedMs) if (ms < fromMs || expectedMs > noticed + patienceBars * durMs) noticedMs.delete(ms)
    },
    oldestMs: () => (noticedMs.size === 0 ? undefined : [...noticedMs.keys()].reduce((oldest, ms) => Math.min(oldest, ms))),
    isEmpty: () => noticedMs.size === 0,
  }
}
