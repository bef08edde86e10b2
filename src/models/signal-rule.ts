import { z } from 'zod'

const choice = {
  long_above: z.number().optional(),
  short_below: z.number().optional(),
  min_confidence: z.number().min(0).max(100).optional(),
}

/** What `"signal"` in a `model.json` may say: how a prediction becomes LONG, SHORT or NO_TRADE, and its price levels. */
export const signalSchema = z
  .discriminatedUnion('rule', [
    z.strictObject({ rule: z.literal('crypto-bot'), ...choice }),
    z.strictObject({
      rule: z.literal('range'),
      ...choice,
      atr_bars: z.int().min(1).max(1_000).default(14),
      stop_ranges: z.number().gt(0).max(1_000).default(1.5),
      take_profits: z.array(z.number().gt(0).max(1_000)).min(1).max(20).default([1, 2, 3]),
      valid_bars: z.int().min(1).max(10_000).default(2),
    }),
  ])
  .refine(
    ({ long_above: above, short_below: below }) => above === undefined || below === undefined || below <= above,
    'short_below lies above long_above',
  )

/** A signal's rule, with its defaults filled in. */
export type SignalRule = z.output<typeof signalSchema>
