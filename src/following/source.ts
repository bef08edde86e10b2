import type { Submission } from '../candles/submission.js'

/** Where candles of one series come from. */
export interface Source {
  /** What it is, for people: no secrets. */
  readonly about: string
  /** Bars that one page can hold: a shorter page, near the newest bar, is the last. */
  readonly pageBars: number
  /**
   * Bars from `sinceMs` on, the oldest of them first if it can, as many as a page holds; others may be among them. Undefined: none.
   * @param signal ends it at once
   * @throws FollowFailure
   */
  page(sinceMs: number, signal: AbortSignal): Promise<Submission | undefined>
}
