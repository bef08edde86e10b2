import type { Frame } from '../candles/frame.js'
import type { Series } from './series.js'

/** What keeping a frame did to the stored candles of its series. */
export interface CandleChanges {
  /** Bars that were not known. */
  readonly added: number
  /** Bars that were stored already, with the same values. */
  readonly known: number
  /** Open times (epoch milliseconds, rising) of bars that were stored with other values: each became a revision. */
  readonly revised: readonly number[]
}

/** Prices and volume of one bar. */
export interface Bar {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** A closed bar that came again with other values. Both are kept; the new one is current. */
export interface CandleRevision extends Series {
  readonly openTimeMs: number
  readonly old: Bar
  readonly new: Bar
  /** When the new values came, epoch milliseconds. */
  readonly recordedAtMs: number
  /** Commit number that brought the old values. */
  readonly oldRevision: number
  /** Commit number that brought the new ones: predictions with a number from `oldRevision` up to (not including) this one used the old values. */
  readonly revision: number
}

export interface RevisionQuery {
  readonly symbol?: string
  readonly timeframe?: string
  /** Inclusive, epoch milliseconds of the bar's open. */
  readonly fromMs?: number
  readonly toMs?: number
  /** At most so many, the newest revision first. */
  readonly limit: number
  /** Only revisions with a smaller place: (revision, open time), both descending. */
  readonly after?: { readonly revision: number; readonly openTimeMs: number }
}

/** Which bars of a series are stored. */
export interface Coverage extends Series {
  /** Open time of the oldest and the newest bar. */
  readonly firstMs: number
  readonly lastMs: number
  readonly nBars: number
  /** Where bars are missing between the first and the last, oldest first: open times of the first and the last missing bar, inclusive. */
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number; readonly nBars: number }[]
}

/** Where closed candles stay. Nothing is overwritten: rows are added, the newest row of an open time is the current one. */
export interface CandleStore {
  /**
   * Keeps the bars of a checked frame; durable when the promise resolves. Bars that are known with the same values (−0 is +0) cost no write.
   * @param nowMs when they came, epoch milliseconds
   */
  keep(series: Series, frame: Frame, nowMs: number): Promise<CandleChanges>
  /**
   * The current bars with open times from `fromMs` to `toMs`, inclusive.
   * @param asOf a commit number: the bars as they were right after it
   */
  read(series: Series, fromMs: number, toMs: number, asOf?: number): Promise<Frame>
  /** Open times of the oldest and newest stored bar, from memory; undefined: the series has none. */
  extent(series: Series): Promise<{ readonly firstMs: number; readonly lastMs: number } | undefined>
  /** Every series that has bars, by symbol, then length of the timeframe, with its gaps. */
  coverage(only: Partial<Series>): Promise<readonly Coverage[]>
  revisions(query: RevisionQuery): Promise<readonly CandleRevision[]>
  /**
   * The predictions, superseded ones too, that had used the old values of revisions: how many, and the ids of the oldest `cap`.
   * One entry per revision, in their order.
   */
  usedBy(revisions: readonly CandleRevision[], cap: number): Promise<readonly { readonly count: number; readonly ids: readonly string[] }[]>
  /** Bars that came after commit number `revision`, by series: the oldest and newest open time touched. For work that must catch up. */
  changedSince(revision: number): Promise<readonly (Series & { readonly firstMs: number; readonly lastMs: number })[]>
}
