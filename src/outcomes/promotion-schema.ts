import { z } from 'zod'
import { outputs } from '../models/model.js'

const whole = (of: string) => z.int().min(0).describe(of)
const time = (of: string) => z.string().nullable().describe(`${of}; ISO 8601, UTC, milliseconds; null: there is none.`)

const side = (who: string) =>
  z
    .strictObject({
      model: z.string().describe("Name of the model's folder."),
      output: z.enum(outputs).describe('What it predicts.'),
      settled: whole('Its settled predictions within `hours`, also those of bars that the other one has not; count.'),
      hits: whole('Over the bars in common: predicted side, or class, came true.'),
      misses: whole('It did not.'),
      neither: whole('Neither: a probability of 0.5, or a price that did not move.'),
      hit_rate: z.number().nullable().describe('hits / (hits + misses); null when both are 0.'),
    })
    .describe(who)

export const undecided = ['no-bars-in-common', 'too-short', 'too-few-bars', 'no-hit-rate'] as const

/** Answer of GET /performance/promotion. */
export const promotionSchema = z.strictObject({
  promote: z.boolean().describe('Whether the rule says so. Nothing changes by itself.'),
  decided: z.boolean().describe('False: there is too little to go by, and `reason` says what.'),
  reason: z
    .enum(undecided)
    .nullable()
    .describe(
      'no-bars-in-common: no settled bar has both; too-short: they have not run beside each other for `hours`; too-few-bars: fewer than `min_bars`; ' +
        'no-hit-rate: one of them has neither hits nor misses. Null: it is decided.',
    ),
  detail: z.string().describe('The same in words, with numbers.'),
  rule: z.string().describe('The rule that was applied.'),
  symbol: z.string().describe('Market.'),
  timeframe: z.string().describe('Length of one bar.'),
  horizon_bars: whole('How far ahead both look, bars.'),
  hours: whole('Length of the comparison, hours.'),
  min_improvement: z.number().describe('By how much the hit rate must be higher; 0.005 is half a percentage point.'),
  min_bars: whole('Bars in common that are needed, count.'),
  from: time('Oldest bar that is compared'),
  to: time('Newest bar that is compared'),
  bars: whole('Bars that are compared: both predicted from them, and both predictions are settled; count.'),
  effective_sample_size: whole('How many of them can be chosen so that no two horizons overlap.'),
  improvement: z.number().nullable().describe('Hit rate of the challenger − hit rate of the champion.'),
  improvement_standard_error: z
    .number()
    .nullable()
    .describe(
      'Of the difference hit by hit, over the bars that are a hit or a miss for both: √(variance / effective_sample_size). Null without such bars.',
    ),
  champion: side('The model that is asked now.'),
  challenger: side('The model that might be asked in its place.'),
})

export type Promotion = z.output<typeof promotionSchema>
