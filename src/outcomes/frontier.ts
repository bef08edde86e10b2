import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { Series } from '../store/series.js'
import type { Store } from '../store/store.js'
import type { Looking } from './look.js'
import { type Changed, keyOf } from './unsettled.js'

type Query = Pick<Looking, 'query' | 'longestBars' | 'newestMs'>

/** Which predictions a change can have settled or unsettled. */
export interface Frontier {
  /** What to look at for a change. */
  queries(changed: Changed): Promise<Query[]>
  /** Says that a change has been looked at. */
  moveOn(changed: Changed): void
  /** Says that all bars of a series up to one have been looked at, before now. */
  lookedAt(series: Series, newestMs: number): void
}

export interface FrontierParts {
  readonly candles: Pick<Store['candles'], 'extent'>
  readonly outcomes: Pick<Store['outcomes'], 'reach'>
}

/**
 * A candle concerns the predictions from its bar and from as many bars before as the longest horizon has, as far as their horizon is not over before it.
 * A candle that is newer than all others also concerns those whose horizon ended in the gap before it: they become unsettleable.
 */
export function createFrontier({ candles, outcomes }: FrontierParts): Frontier {
  /** The newest bar that was looked at, by series: what ends before it, and what ends in a gap before it, has been settled. */
  const lookedMs = new Map<string, number>()

  return { queries, moveOn, lookedAt }

  async function queries(changed: Changed): Promise<Query[]> {
    const { symbol, timeframe } = changed
    const series = { symbol, timeframe }
    const reach = await outcomes.reach(series)
    const extent = await candles.extent(series)
    // Without candles everything is pending, without predictions there is nothing to settle.
    if (reach === undefined || extent === undefined) return []
    const { firstMs, longestBars } = reach
    const newestMs = extent.lastMs
    const barMs = durationMs(timeframe as Timeframe)
    const made = changed.predictions.map((range) => ({ ...series, ...range, endsFromMs: firstMs, endsToMs: newestMs }))
    let front = lookedMs.get(keyOf(series)) ?? -Infinity
    for (const { fromMs, toMs } of changed.candles) {
      const isNewest = toMs > front
      const endsFromMs = Math.max(firstMs, isNewest ? Math.min(fromMs, front + barMs) : fromMs)
      if (isNewest) front = toMs
      made.push({ ...series, fromMs: Math.max(firstMs, endsFromMs - longestBars * barMs), toMs, endsFromMs, endsToMs: newestMs })
    }
    return made.map((query) => ({ query, longestBars, newestMs }))
  }

  function moveOn({ symbol, timeframe, candles }: Changed): void {
    for (const { toMs } of candles) lookedAt({ symbol, timeframe }, toMs)
  }

  function lookedAt(series: Series, newestMs: number): void {
    lookedMs.set(keyOf(series), Math.max(newestMs, lookedMs.get(keyOf(series)) ?? -Infinity))
  }
}
