import type { JsonObject } from '../jobs/job-kind.js'
import { toScore } from '../predictions/answer.js'
import { iso } from '../iso.js'
import type { SkippedBar } from '../predictions/skipped-bar.js'
import type { StoredPrediction } from '../store/store.js'
import type { Order } from './order.js'

/** What is kept of a tally with its job, so that another process goes on counting. */
export interface TallyProgress {
  readonly written: number
  readonly known: number
  readonly skipped: number
  readonly reasons: Readonly<Record<string, number>>
  /** ISO 8601. */
  readonly through: string | null
  /** When the job was begun, by whichever process, epoch milliseconds. */
  readonly begunMs: number
}

/** Counts what became of the bars of a backfill, one count per model and bar, and words the line of each. */
export interface Tally {
  /** Whether a prediction that is stored already was made by this job, in a process before this one. */
  isOurs(prediction: Pick<StoredPrediction, 'origin' | 'createdAtMs'>): boolean
  /** What an earlier process has counted up to this bar, open time; −∞: nothing. */
  readonly doneToMs: number
  /** Count of lines that belong to it. */
  readonly doneLines: number
  written(prediction: Pick<StoredPrediction, 'model' | 'barTimeMs' | 'yPred'>): JsonObject
  known(model: string, barTimeMs: number): JsonObject
  skipped(bar: SkippedBar): JsonObject
  /** Everything up to this bar is durable. */
  reached(barTimeMs: number): void
  progress(): JsonObject
  result(nowMs: number): JsonObject
}

/** @param before what an earlier process saved of the same job; empty for one that begins */
export function createTally({ models }: Order, before: Partial<TallyProgress>, startedMs: number): Tally {
  const { written = 0, known = 0, skipped = 0, begunMs = startedMs } = before
  const counts = { planned: models.reduce((sum, { bars }) => sum + bars, 0), written, known, skipped }
  const reasons: Record<string, number> = { gap: 0, 'not-enough-history': 0, ...before.reasons }
  let through = before.through ?? null

  return {
    isOurs: ({ origin, createdAtMs }) => before.begunMs !== undefined && origin === 'backfill' && createdAtMs >= before.begunMs,
    doneToMs: through === null ? -Infinity : Date.parse(through),
    doneLines: written + known + skipped,
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
    progress: () => ({ ...counts, reasons: { ...reasons }, through, begunMs }),
    result: (nowMs) => ({ ...counts, reasons: { ...reasons }, seconds: (nowMs - startedMs) / 1000 }),
  }
}

function line(model: string, barTimeMs: number, result: 'written' | 'known' | 'skipped', more: JsonObject): JsonObject {
  return { model, bar_time: iso(barTimeMs), result, ...more }
}
