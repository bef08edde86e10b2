import { z } from 'zod'
import { parseTime, whyNoTime } from '../candles/parse-time.js'
import { targetSchema } from '../predictions/body-schema.js'

/** Predictions that one sample may hold: they lie in memory until the last was looked at. */
export const maxSample = 10_000

const time = (about: string) =>
  z
    .union([z.number(), z.string().max(64)], { error: 'a time is expected: epoch milliseconds, ISO 8601 or YYYY-MM-DD HH:MM:SS' })
    .transform((value, context) => {
      const ms = parseTime(String(value))
      if (!Number.isNaN(ms)) return ms
      context.addIssue(whyNoTime(value))
      return z.NEVER
    })
    .meta({
      description: `${about}: epoch milliseconds, ISO 8601 or YYYY-MM-DD HH:MM:SS; without an offset UTC.`,
      anyOf: [{ type: 'number' }, { type: 'string', maxLength: 64 }],
    })

/** JSON body of POST /verifications: every stored prediction, superseded ones too, unless something is said. */
export const verificationBodySchema = targetSchema
  .pick({ model: true, symbol: true, timeframe: true })
  .extend({
    from: time('Oldest open time of a bar, inclusive').optional(),
    to: time('Newest open time of a bar, inclusive').optional(),
    sample: z.int().min(1).max(maxSample).describe('Only so many predictions, drawn by chance, count.').optional(),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, { path: ['from'], error: 'from is later than to' })

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
    ...(from !== undefined && { fromMs: from }),
    ...(to !== undefined && { toMs: to }),
    ...(sample !== undefined && { sample }),
  }
}

export const emptyCounts = { found: 0, checked: 0, identical: 0, different: 0, impossible: 0 } as const
