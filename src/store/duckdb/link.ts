import type { NewPrediction, Recorded, StoredPrediction } from '../store.js'

export interface Links {
  /** One entry per prediction handed in, as it is after it was recorded and before the next one is. */
  readonly recorded: readonly Recorded[]
  /** Rows to add, with their final links, oldest first. */
  readonly added: readonly StoredPrediction[]
  /** Rows that the table has already and that get a successor. */
  readonly superseded: readonly Superseded[]
}

export interface Superseded {
  readonly old: StoredPrediction
  readonly by: string
}

/**
 * Decides what recording `handedIn`, one after another, does to the table.
 * @param kept every row of the table whose id is handed in, and every current row of a place that is
 */
export function link(handedIn: readonly NewPrediction[], kept: readonly StoredPrediction[]): Links {
  const known = new Map(kept.map((row) => [row.id, row]))
  const current = new Map(kept.filter((row) => row.supersededBy === null).map((row) => [placeKey(row), row.id]))
  const added = new Set<string>()
  const superseded = new Map<string, Superseded>()
  const recorded = handedIn.map((prediction): Recorded => {
    const there = known.get(prediction.id)
    if (there !== undefined) return { prediction: there, isNew: false }
    const older = known.get(current.get(placeKey(prediction)) ?? '')
    const row: StoredPrediction = { ...prediction, supersedes: older?.id ?? null, supersededBy: null }
    if (older !== undefined) {
      if (!added.has(older.id)) superseded.set(older.id, { old: older, by: row.id })
      known.set(older.id, { ...older, supersededBy: row.id })
    }
    known.set(row.id, row)
    current.set(placeKey(row), row.id)
    added.add(row.id)
    return { prediction: row, isNew: true }
  })
  return { recorded, added: [...added].map((id) => known.get(id) as StoredPrediction), superseded: [...superseded.values()] }
}

/** Predictions with one key supersede each other. */
export function placeKey(row: NewPrediction): string {
  return `${seriesKey(row)}\n${row.barTimeMs}`
}

/** Symbol, timeframe and model: what one line on a chart shows. */
export function seriesKey(row: { readonly symbol: string; readonly timeframe: string; readonly model: string }): string {
  return `${row.symbol}\n${row.timeframe}\n${row.model}`
}
