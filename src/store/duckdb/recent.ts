import type { Line, NewPrediction, StoredPrediction } from '../store.js'
import { placeKey, seriesKey } from './link.js'
import type { Placed } from './link.js'

/** What the table holds at the bars that were written last, so that most commits need not ask it (a lookup took 1.5 to 2 ms). */
export interface Recent {
  /** What recording `row` depends on. Undefined: only the table knows. */
  kept(row: NewPrediction): Standing | undefined
  /** Remembers rows that were committed, with their final links, in their order. */
  add(rows: readonly StoredPrediction[]): void
  /** Every series that has rows, with the open time of its newest bar. */
  lines(): (Line & { readonly newestMs: number })[]
}

/** Where a row that is handed in comes to stand. */
export interface Standing {
  /** The row with its id; none when it is new. */
  readonly known: StoredPrediction | undefined
  /** The current row of its place; none when the place is empty. */
  readonly current: Placed | undefined
}

/** An id takes some 200 bytes with its place: 2 MB at most. */
const maxIds = 10_000
/** A row takes about 2 kB. Only one that is handed in again is needed whole. */
const maxRows = 500

/** Everything that a place holds: the bar of a series that was empty when its first row came. */
interface Place {
  currentId: string
  readonly ids: string[]
}

/**
 * Of each series all bars are known that are newer than a floor: the newest bar when the file was opened, later the newest when the memory was
 * full and was emptied. What is not remembered above the floor is not in the table.
 * @param newestBarMs by `seriesKey`; taken over
 */
export function createRecent(newestBarMs: Map<string, number>): Recent {
  let floorMs = new Map(newestBarMs)
  const places = new Map<string, Place>()
  /** Current ones, by id. */
  const rows = new Map<string, StoredPrediction>()
  let nIds = 0

  return { kept, add, lines }

  function lines(): (Line & { readonly newestMs: number })[] {
    return Array.from(newestBarMs, ([key, newestMs]) => {
      const [symbol, timeframe, model] = key.split('\n') as [string, string, string]
      return { symbol, timeframe, model, newestMs }
    })
  }

  function kept(row: NewPrediction): Standing | undefined {
    if (row.barTimeMs <= (floorMs.get(seriesKey(row)) ?? -Infinity)) return undefined
    const place = places.get(placeKey(row))
    if (place === undefined) return { known: undefined, current: undefined }
    const known = rows.get(row.id)
    if (known === undefined && place.ids.includes(row.id)) return undefined
    return { known, current: { id: place.currentId, barTimeMs: row.barTimeMs } }
  }

  function add(added: readonly StoredPrediction[]): void {
    for (const row of added) {
      const series = seriesKey(row)
      newestBarMs.set(series, Math.max(row.barTimeMs, newestBarMs.get(series) ?? -Infinity))
      if (row.barTimeMs > (floorMs.get(series) ?? -Infinity)) remember(row)
    }
    if (nIds > maxIds) forget()
    for (const id of rows.keys()) {
      if (rows.size <= maxRows) break
      rows.delete(id)
    }
  }

  function remember(row: StoredPrediction): void {
    nIds++
    const key = placeKey(row)
    const place = places.get(key)
    if (place === undefined) places.set(key, { currentId: row.id, ids: [row.id] })
    else {
      place.ids.push(row.id)
      place.currentId = row.id
    }
    if (row.supersedes !== null) rows.delete(row.supersedes)
    rows.set(row.id, row)
  }

  function forget(): void {
    floorMs = new Map(newestBarMs)
    places.clear()
    rows.clear()
    nIds = 0
  }
}
