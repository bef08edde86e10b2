import type { Line, NewPrediction, StoredPrediction } from '../store.js'
import { placeKey, seriesKey } from './link.js'

/** What the table holds at the bars that were written last, so that most commits need not ask it (a lookup took 1.5 to 2 ms). */
export interface Recent {
  /**
   * The rows that recording `row` depends on: the one with its id, the current one of its place; none when the place is empty.
   * Undefined: only the table knows.
   */
  kept(row: NewPrediction): readonly StoredPrediction[] | undefined
  /** Remembers rows that were committed, with their final links, in their order. */
  add(rows: readonly StoredPrediction[]): void
  /** Every series that has rows, with the open time of its newest bar. */
  lines(): (Line & { readonly newestMs: number })[]
}

/** A row takes about 2 kB, an id 100 bytes: 4 MB at most. */
const maxPlaces = 1_000
const maxIds = 20_000

/** Everything that a place holds: the bar of a series that was empty when its first row came. */
interface Place {
  current: StoredPrediction
  readonly ids: Set<string>
}

/**
 * Of each series all bars are known that are newer than a floor: the newest bar when the file was opened, later the newest when the memory was
 * full and was emptied. What is not remembered above the floor is not in the table.
 * @param newestBarMs by `seriesKey`; taken over
 */
export function createRecent(newestBarMs: Map<string, number>): Recent {
  let floorMs = new Map(newestBarMs)
  const places = new Map<string, Place>()
  let nIds = 0

  return { kept, add, lines }

  function lines(): (Line & { readonly newestMs: number })[] {
    return Array.from(newestBarMs, ([key, newestMs]) => {
      const [symbol, timeframe, model] = key.split('\n') as [string, string, string]
      return { symbol, timeframe, model, newestMs }
    })
  }

  function kept(row: NewPrediction): readonly StoredPrediction[] | undefined {
    if (row.barTimeMs <= (floorMs.get(seriesKey(row)) ?? -Infinity)) return undefined
    const place = places.get(placeKey(row))
    if (place === undefined) return []
    const isSuperseded = place.ids.has(row.id) && place.current.id !== row.id
    return isSuperseded ? undefined : [place.current]
  }

  function add(rows: readonly StoredPrediction[]): void {
    for (const row of rows) {
      const series = seriesKey(row)
      newestBarMs.set(series, Math.max(row.barTimeMs, newestBarMs.get(series) ?? -Infinity))
      if (row.barTimeMs > (floorMs.get(series) ?? -Infinity)) remember(row)
    }
    if (places.size > maxPlaces || nIds > maxIds) forget()
  }

  function remember(row: StoredPrediction): void {
    nIds++
    const place = places.get(placeKey(row))
    if (place === undefined) places.set(placeKey(row), { current: row, ids: new Set([row.id]) })
    else {
      place.ids.add(row.id)
      place.current = row
    }
  }

  function forget(): void {
    floorMs = new Map(newestBarMs)
    places.clear()
    nIds = 0
  }
}
