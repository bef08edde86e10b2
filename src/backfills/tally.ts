import type { JsonObject } from '../jobs/job-kind.js'
import { toScore } from '../predictions/answer.js'
import { iso } from '../predictions/iso.js'
import type { SkippedBar } from '../predictions/skipped-bar.js'
import type { StoredPrediction } from '../store/store.js'
import type { Order } from './order.js'

/** Counts what became of the bars of a backfill, one count per model and bar, and words the line of each. */
export interface Tally {
  written(prediction: StoredPrediction): JsonObject
  known(model: string, barTimeMs: number): JsonObject
  skipped(bar: SkippedBar): JsonObject
  /** Everything up to this bar is durable. */
  reached(barTimeMs: number): void
  progress(): JsonObject
  result(nowMs: number): JsonObject
}

export function createTally({ models }: Order, startedMs: number): Tally {
  const counts = { planned: models.reduce((sum, { bars }) => sum + bars, 0), written: 0, known: 0, skipped: 0 }
  const reasons: Record<string, number> = { gap: 0, 'not-enough-history': 0 }
  let through: string | null = null

  return {
    written(prediction) {
      counts.written++
      return line(prediction.model, prediction.barTimeMs, 'written', { y_pred: toScore(prediction.yPred) })
    },
    known(model, barTimeMs) {
      counts.known++
      return line(model, barTimeMs, 'known', {})
    },
    skipped({ model, barTimeMs, code, detail }) {
      counts.skipped++
      reasons[code] = (reasons[code] ?? 0) + 1
      return line(model, barTimeMs, 'skipped', { reason: code, detail })
    },
    reached(barTimeMs) {
      through = iso(barTimeMs)
    },
    progress: () => ({ ...counts, through }),
    result: (nowMs) => ({ ...counts, reasons: { ...reasons }, seconds: (nowMs - startedMs) / 1000 }),
  }
}

function line(model: string, barTimeMs: number, result: 'written' | 'known' | 'skipped', more: JsonObject): JsonObject {
  return { model, bar_time: iso(barTimeMs), result, ...more }
}
