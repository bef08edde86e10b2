import { resultOf, toJobAnswer } from '../jobs/answer.js'
import type { Job } from '../jobs/runner.js'
import { iso } from '../iso.js'
import type { Order } from './order.js'
import type { Plan } from './plan.js'
import type { BackfillAnswer, BackfillPlanAnswer } from './schema.js'

/** A backfill job as it is answered. */
export function toBackfillAnswer(job: Job): BackfillAnswer {
  const { symbol, timeframe, mode, notes, models } = job.request as unknown as Order
  const begun = job.progress as Partial<Omit<BackfillAnswer['progress'], 'done'>>
  const { written = 0, known = 0, skipped = 0, through = null } = begun
  const planned = models.reduce((sum, { bars }) => sum + bars, 0)
  return {
    ...toJobAnswer(job),
    symbol,
    timeframe: timeframe,
    mode,
    notes: [...notes],
    models: models.map(({ model, bars, fromMs, toMs }) => ({ model, bars, from: isoOrNull(fromMs), to: isoOrNull(toMs) })),
    progress: { planned, written, known, skipped, done: written + known + skipped, through },
    result: resultOf(job) as BackfillAnswer['result'],
  }
}

/** A plan that stays one. */
export function toPlanAnswer({ series, mode, models, notes }: Plan): BackfillPlanAnswer {
  return {
    dry_run: true,
    symbol: series.symbol,
    timeframe: series.timeframe,
    mode,
    notes: [...notes],
    models: models.map(({ model, barsMs }) => ({
      model,
      bars: barsMs.length,
      from: isoOrNull(barsMs[0]),
      to: isoOrNull(barsMs[barsMs.length - 1]),
      timestamps: Array.from(barsMs, iso),
    })),
  }
}

function isoOrNull(ms: number | null | undefined): string | null {
  return typeof ms === 'number' ? iso(ms) : null
}
