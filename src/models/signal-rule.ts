import { z } from 'zod'
import type { Timeframe } from '../candles/timeframe.js'

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

/** Timeframes that crypto_bot's table of levels has. */
export const cryptoBotTimeframes = ['1m', '5m', '15m', '1h', '4h', '1d'] as const satisfies readonly Timeframe[]

/** Why a signal cannot be had with an output, in words; undefined: it can. */
export function whyNoSignal(signal: SignalRule | undefined, output: string): string | undefined {
  if (signal?.min_confidence === undefined || confident.has(output)) return undefined
  return `min_confidence needs an output that has a confidence (${[...confident].join(', ')}), not ${output}; leave it out, or use long_above and short_below`
}

/** Outputs that are probabilities. */
const confident: ReadonlySet<string> = new Set(['class_probabilities', 'probability_up'])

/** What an operator should know of a signal that is given all the same. */
export function signalDoubts(signal: SignalRule | undefined, timeframe: Timeframe): string[] {
  if (signal?.rule !== 'crypto-bot' || cryptoBotTimeframes.some((known) => known === timeframe)) return []
  return [
    `the signal's rule crypto-bot has no levels for ${timeframe}: those of 15m are taken, as crypto_bot does, and valid_until is 30 minutes after the close`,
  ]
}
