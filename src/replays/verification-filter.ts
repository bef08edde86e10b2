import { z } from 'zod'
import { bodyTime } from '../http/body-time.js'
import { openTimeRange } from '../http/open-time-range.js'
import { targetSchema } from '../predictions/body-schema.js'

/** Predictions that one sample may hold: they lie in memory until the last was looked at. */
export const maxSample = 10_000

/** JSON body of POST /verifications: every stored prediction, superseded ones too, unless something is said. */
export const verificationBodySchema = targetSchema.pick({ model: true, symbol: true, timeframe: true }).extend({
  from: bodyTime('Oldest open time of a bar, inclusive').optional(),
  to: bodyTime('Newest open time of a bar, inclusive').optional(),
  sample: z.int().min(1).max(maxSample).describe('Only so many predictions, drawn by chance, count.').optional(),
})

export type VerificationBody = z.output<typeof verificationBodySchema>

/** What a verification looks at, as its job keeps it. Times in epoch milliseconds; what is left out: everything. */
export interface VerificationFilter {
  readonly model?: string
  readonly symbol?: string
  readonly timeframe?: string
  readonly fromMs?: number
  readonly toMs?: number
  readonly sample?: number
}

export function toFilter({ from, to, model, symbol, timeframe, sample }: VerificationBody): VerificationFilter {
  return {
    ...(model !== undefined && { model }),
    ...(symbol !== undefined && { symbol }),
    ...(timeframe !== undefined && { timeframe }),
    ...openTimeRange({ from, to }, '/from'),
    ...(sample !== undefined && { sample }),
  }
}

export const emptyCounts = { found: 0, checked: 0, identical: 0, different: 0, impossible: 0 } as const
