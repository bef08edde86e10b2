import { z } from 'zod'

const time = (of: string) => z.string().describe(`${of}; ISO 8601, UTC, milliseconds.`)
const price = (of: string) => z.number().nullable().describe(`Close of ${of}; null when that candle is not stored.`)

/** What came of a prediction, when candles have told. */
const knownOutcome = {
  rule: z.string().describe('Rule that settled it.'),
  reason: z.string().nullable().describe('Why it cannot be settled; null when it was.'),
  entry_close: price('the bar that was predicted from'),
  exit_close: price('the bar at the horizon'),
  realised: z
    .number()
    .nullable()
    .describe('What came true: a fraction for return, else the log return from the close of the bar to the close at the horizon.'),
  error: z.number().nullable().describe('y_pred − realised, where both have one unit; null otherwise.'),
  hit: z.boolean().nullable().describe('Whether the predicted side, or class, came true; null: neither, or the rule has no hit.'),
  covered: z.boolean().nullable().describe('Quantiles: whether realised ≤ y_pred; null for everything else.'),
  realised_class: z.int().nullable().describe('Class that holds the realised value, counted from 0; null where there are no classes.'),
  drawdown: z
    .number()
    .nullable()
    .describe(
      'Worst price on the way for a position in the predicted direction, as a fraction of the entry close; positive when the position never was below its entry; null without a direction.',
    ),
  settled_at: time('When it was settled'),
}

/** The member `outcome` of a prediction. */
export const outcomeSchema = z
  .union([
    z.strictObject({ status: z.literal('pending').describe('The horizon is not over yet, or its candles have not come.') }),
    z.strictObject({
      status: z
        .enum(['settled', 'unsettleable'])
        .describe('settled: candles have told; unsettleable: candles that are needed are missing, or the output cannot be compared.'),
      ...knownOutcome,
    }),
  ])
  .describe('What came of it.')

export type Outcome = z.output<typeof outcomeSchema>

/** Answer of GET /predictions/{id}/outcomes. */
export const outcomeHistorySchema = z.strictObject({
  outcomes: z
    .array(
      z.strictObject({
        status: z.enum(['settled', 'unsettleable']).describe('As in the outcome of a prediction.'),
        ...knownOutcome,
      }),
    )
    .describe('Oldest first; the last one is current. Empty while the prediction is pending.'),
})
