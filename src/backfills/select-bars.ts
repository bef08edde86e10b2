export const modes = ['window', 'last_from_predictions', 'ts_list'] as const
export type Mode = (typeof modes)[number]

/** Which bars a backfill asks for. Times are open times, epoch milliseconds. */
export interface Selection {
  readonly mode: Mode
  /** Inclusive; not for ts_list. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** For ts_list, in any order. */
  readonly timestampsMs?: readonly number[] | undefined
  /** Only the first (oldest) so many; 0 and below: all. */
  readonly atMost?: number | undefined
}

/** What the selection depends on beside the request. */
export interface Standing {
  readonly nowMs: number
  /** Length of one bar, milliseconds. */
  readonly barMs: number
  /** Open time of the newest bar that was predicted already, for last_from_predictions; undefined: none was. */
  readonly lastPredictedMs?: number | undefined
}

/** Bars that are predicted when nothing says where to begin: 48 hours of hourly bars. */
export const defaultBars = 48

/** Open time of the newest bar that has closed. */
export function cutoffMs({ nowMs, barMs }: Standing): number {
  return Math.floor(nowMs / barMs) * barMs - barMs
}

/**
 * Open times between which a selection lies, both inclusive; `fromMs` above `toMs`: nothing. Never later than the newest closed bar.
 * `window`: from `fromMs` to `toMs`; what is left out: to the newest closed bar, from 47 bars before the end. `last_from_predictions`:
 * from the bar after the newest predicted one, or, when none was, from 47 bars before the end. `ts_list`: from the first to the last.
 */
export function rangeOf(selection: Selection, standing: Standing): { fromMs: number; toMs: number } {
  const { barMs, lastPredictedMs } = standing
  const cutoff = cutoffMs(standing)
  if (selection.mode === 'ts_list') {
    // Bars open on whole milliseconds: candles are read from here on in steps of bars.
    const wanted = (selection.timestampsMs ?? []).filter((ms) => ms <= cutoff && Number.isInteger(ms))
    return wanted.reduce(({ fromMs, toMs }, ms) => ({ fromMs: Math.min(fromMs, ms), toMs: Math.max(toMs, ms) }), {
      fromMs: Infinity,
      toMs: -Infinity,
    })
  }
  const toMs = Math.min(cutoff, Math.floor((selection.toMs ?? cutoff) / barMs) * barMs)
  const fallbackMs = toMs - (defaultBars - 1) * barMs
  if (selection.mode === 'window') {
    // Without an end the window reaches from its start to the cutoff, however long that is.
    return { fromMs: selection.fromMs ?? fallbackMs, toMs }
  }
  return { fromMs: lastPredictedMs === undefined ? fallbackMs : lastPredictedMs + barMs, toMs }
}

/**
 * The bars of a selection, rising: those of the stored candles that lie in its range (or in its list), the oldest `atMost` of them.
 * @param openTimesMs rising open times of the candles, at least those in the range
 */
export function selectBars(selection: Selection, standing: Standing, openTimesMs: Float64Array): Float64Array {
  const { fromMs, toMs } = rangeOf(selection, standing)
  const listed = selection.mode === 'ts_list' ? new Set(selection.timestampsMs) : undefined
  const selected = openTimesMs.filter((ms) => ms >= fromMs && ms <= toMs && (listed === undefined || listed.has(ms)))
  const { atMost = 0 } = selection
  return atMost > 0 ? selected.slice(0, atMost) : selected
}
