import type { NewAbsence } from '../store/log-store.js'
import type { Series } from '../store/series.js'
import type { Store } from '../store/store.js'

export interface Absences {
  /**
   * Those that are worth a row: not noted before, and, where any client could name the series, of one that is known.
   * @param isOpen whether a model answers for any symbol
   */
  unnoted(rows: readonly NewAbsence[], isOpen: (model: string) => boolean): Promise<readonly NewAbsence[]>
  /** Notes rows of `unnoted`, now that they were kept. */
  noted(rows: readonly NewAbsence[]): void
  /** Keeps what `unnoted` lets through. Never rejects: an answer does not depend on it. */
  note(rows: readonly NewAbsence[], isOpen: (model: string) => boolean): Promise<void>
}

/** Keys that are remembered: a client that repeats a bad request costs no row, and no commit. */
const maxRemembered = 20_000

/** Records why bars have no prediction, each (series, model, bar, reason) once. */
export function createAbsences(store: Pick<Store, 'log' | 'candles' | 'list'>): Absences {
  const remembered = new Set<string>()

  return { unnoted, noted, note }

  async function note(rows: readonly NewAbsence[], isOpen: (model: string) => boolean): Promise<void> {
    if (rows.length === 0) return
    try {
      const wanted = await unnoted(rows, isOpen)
      if (wanted.length === 0) return
      await store.log.absences(wanted)
      noted(wanted)
    } catch {
      // The refusal itself is what the client came for; the store reports its failures where it is asked for something.
    }
  }

  async function unnoted(rows: readonly NewAbsence[], isOpen: (model: string) => boolean): Promise<readonly NewAbsence[]> {
    const fresh = rows.filter((row) => !remembered.has(keyOf(row)))
    const open = fresh.find(({ model }) => isOpen(model))
    // All rows of a request are of one series.
    if (open === undefined || (await isKnown(open))) return fresh
    return fresh.filter(({ model }) => !isOpen(model))
  }

  function noted(rows: readonly NewAbsence[]): void {
    for (const row of rows) {
      const key = keyOf(row)
      remembered.delete(key)
      remembered.add(key)
      if (remembered.size > maxRemembered) remembered.delete(remembered.values().next().value as string)
    }
  }

  async function isKnown({ symbol, timeframe }: Series): Promise<boolean> {
    if ((await store.candles.extent({ symbol, timeframe })) !== undefined) return true
    return (await store.list({ symbol, timeframe, order: 'desc', history: true, limit: 1 })).length > 0
  }
}

function keyOf({ symbol, timeframe, model, barTimeMs, reason }: NewAbsence): string {
  return `${symbol} ${timeframe} ${model} ${barTimeMs} ${reason}`
}
