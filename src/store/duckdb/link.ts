import type { NewPrediction, Recorded, StoredPrediction } from '../store.js'

export interface Linker {
  /** Decides what recording a prediction now does; the row as it is right after it. A row that is new carries `revision`. */
  record(prediction: NewPrediction, revision: number): Recorded
  /** What all of it does to the table. */
  links(): Links
}

export interface Links {
  /** Rows to add, with their final links, oldest first. */
  readonly added: readonly StoredPrediction[]
  /** Rows that the table has already and that get a successor. */
  readonly superseded: readonly Superseded[]
}

export interface Superseded {
  readonly old: Placed
  readonly by: string
}

/** What a row that gets a successor is found by. */
export type Placed = Pick<StoredPrediction, 'id' | 'barTimeMs'>

/**
 * Decides what recording predictions, one after another, does to the table.
 * @param kept every row of the table whose id is handed in
 * @param current the current row of every place that is handed in, by `placeKey`; taken over
 */
export function createLinker(kept: readonly StoredPrediction[], current: Map<string, Placed>): Linker {
  const known = new Map(kept.map((row) => [row.id, row]))
  const added = new Set<string>()
  const superseded = new Map<string, Superseded>()

  return { record, links }

  function record(prediction: NewPrediction, revision: number): Recorded {
    const there = known.get(prediction.id)
    if (there !== undefined) return { prediction: there, isNew: false }
    const place = placeKey(prediction)
    const older = current.get(place)
    const row: StoredPrediction = { ...prediction, supersedes: older?.id ?? null, supersededBy: null, revision }
    if (older !== undefined) {
      if (!added.has(older.id)) superseded.set(older.id, { old: { id: older.id, barTimeMs: older.barTimeMs }, by: row.id })
      const there = known.get(older.id)
      if (there !== undefined) known.set(older.id, { ...there, supersededBy: row.id })
    }
    known.set(row.id, row)
    current.set(place, row)
    added.add(row.id)
    return { prediction: row, isNew: true }
  }

  function links(): Links {
    return { added: [...added].map((id) => known.get(id) as StoredPrediction), superseded: [...superseded.values()] }
  }
}

/** Predictions with one key supersede each other. */
export function placeKey(row: NewPrediction): string {
  return `${seriesKey(row)}\n${row.barTimeMs}`
}

/** Symbol, timeframe and model: what one line on a chart shows. */
export function seriesKey(row: { readonly symbol: string; readonly timeframe: string; readonly model: string }): string {
  return `${row.symbol}\n${row.timeframe}\n${row.model}`
}
