import { z } from 'zod'
import { bodyTime } from '../http/body-time.js'
import { targetSchema } from '../predictions/body-schema.js'
import { modes } from './select-bars.js'

/** Open times that one request may list. */
const maxTimestamps = 100_000

/** JSON body of POST /backfills. */
export const backfillBodySchema = targetSchema.extend({
  mode: z
    .enum(modes)
    .describe(
      'window: the bars from `from` to `to`; last_from_predictions: those after the newest predicted bar of each model; ts_list: `timestamps`.',
    )
    .default('last_from_predictions'),
  from: bodyTime('window: oldest bar, by its open, inclusive; default: 48 bars up to the end').optional(),
  to: bodyTime(
    'window and last_from_predictions: newest bar, by its open, inclusive; default and at most: the newest closed bar',
  ).optional(),
  timestamps: z
    .array(bodyTime('Open of a bar'))
    .max(maxTimestamps)
    .describe('ts_list: opens of bars, in any order; those without a stored candle are left out.')
    .optional(),
  at_most: z.int().min(-1_000_000_000).max(1_000_000_000).describe('Bars per model: only the oldest so many; 0 or less: all.').optional(),
  dry_run: z.boolean().describe('true: answer which bars it would be, and do nothing.').default(false),
})

export type BackfillBody = z.output<typeof backfillBodySchema>
