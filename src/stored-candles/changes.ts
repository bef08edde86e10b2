import type { Series } from '../store/series.js'
import type { Store } from '../store/store.js'

export interface CandleChanges {
  /** Rises with every commit that brought bars of the series, or of any series; 0: none did since the process began. */
  version(series: Partial<Series>): number
}

/** What changed among the candles, in memory, from the store's commits. */
export function createCandleChanges(store: Pick<Store, 'onCommit'>): CandleChanges {
  const versions = new Map<string, number>()
  let total = 0
  store.onCommit(({ candles }) => {
    if (candles.length > 0) total++
    for (const series of candles) versions.set(keyOf(series), total)
  })
  return {
    version: ({ symbol, timeframe }) =>
      symbol === undefined || timeframe === undefined ? total : (versions.get(keyOf({ symbol, timeframe })) ?? 0),
  }
}

function keyOf({ symbol, timeframe }: Series): string {
  return `${symbol}\n${timeframe}`
}
