import { z } from 'zod'
import { jobFields } from '../jobs/schema.js'
import { impossibilities, parts, results } from './verdict.js'

const pair = <Schema extends z.ZodType>(of: string, value: Schema) =>
  z
    .strictObject({ stored: value.describe('What is stored.'), recomputed: value.describe('What was derived now.') })
    .nullable()
    .describe(of)

const scores = z.union([z.number().nullable(), z.array(z.number().nullable())])
const thenNow = (of: string) =>
  z
    .strictObject({
      then: z.string().describe('When the prediction was made.'),
      now: z.string().nullable().describe('Now; null when it is not there any more.'),
    })
    .describe(of)

/** Answer of POST /predictions/:id/replay. */
export const replaySchema = z.strictObject({
  id: z.string().describe('Id of the prediction.'),
  result: z.enum(results).describe('identical: every bit is the same; different: `differs` says what; impossible: `reason` says why.'),
  reason: z.enum(impossibilities).nullable().describe('Why it cannot be derived again; null when it can.'),
  detail: z.string().nullable().describe('What differs, or why it is impossible, in words; null when identical.'),
  differs: z.array(z.enum(parts)).describe('What differs, in the order in which one comes from the other; empty unless different.'),
  first_different_feature: z
    .strictObject({
      name: z.string().describe("Name of the feature, the first in the model's order."),
      stored: z.number().nullable().describe('Stored value, in the unit of the feature; null where it is not finite.'),
      recomputed: z.number().nullable().describe('Derived value, in the unit of the feature; null where it is not finite.'),
      stored_bits: z.string().describe('Bits of the stored float64, 16 hex digits.'),
      recomputed_bits: z.string().describe('Bits of the derived float64, 16 hex digits.'),
      feature_key: z.string().describe('Key under which the stored value is kept.'),
    })
    .nullable()
    .describe('Null when no feature differs, or when only the hash of the features was stored.'),
  input_hash: pair('Hash of the candles; null unless it differs.', z.string()),
  features_hash: pair('Hash of the feature row; null unless it differs.', z.string()),
  y_raw: pair('Raw score; null unless it differs.', scores),
  y_pred: pair('Prediction; null unless it differs.', scores),
  versions: z
    .strictObject({
      catalogue: thenNow('Feature catalogue and its version.'),
      scorer: thenNow('Version of the scorer.'),
      model_version: thenNow('Version that the manifest states.'),
      model_sha256: thenNow('SHA-256 of model.txt, hex.'),
    })
    .describe('What made the numbers, then and now.'),
})

const count = (of: string) => z.int().min(0).describe(`${of}, count.`)
const counts = {
  checked: count('Predictions that were derived again'),
  identical: count('Of them the same in every bit'),
  different: count('Of them different'),
  impossible: count('Of them those that cannot be derived again'),
} as const
const example = (more: Record<string, z.ZodType>) =>
  z.strictObject({ id: z.string().describe('Id of the prediction.'), ...more, detail: z.string().nullable().describe('In words.') })

/** A verification as a job. */
export const verificationSchema = z.strictObject({
  ...jobFields,
  filter: z
    .strictObject({
      model: z.string().nullable().describe('Only this model.'),
      symbol: z.string().nullable().describe('Only this market.'),
      timeframe: z.string().nullable().describe('Only this timeframe.'),
      from: z.string().nullable().describe('Oldest bar; ISO 8601, UTC, milliseconds.'),
      to: z.string().nullable().describe('Newest bar; ISO 8601, UTC, milliseconds.'),
      sample: z.int().nullable().describe('Predictions that are drawn by chance, count; null: all.'),
    })
    .describe('What is verified.'),
  progress: z.strictObject({ ...counts, found: count('Predictions that fit, as far as was looked') }).describe('How far it is.'),
  result: z
    .strictObject({
      ...counts,
      reasons: z.record(z.string(), z.int()).describe('Impossible ones by reason, count.'),
      first_different: z
        .array(example({ differs: z.array(z.enum(parts)).describe('What differs.') }))
        .describe('The first that differ, by bar time, at most 100.'),
      first_impossible: z
        .array(example({ reason: z.enum(impossibilities).describe('Why.') }))
        .describe('The first that cannot be derived again, by bar time, at most 100.'),
      seconds: z.number().describe('Time since the job began, or was taken up after a restart, seconds.'),
    })
    .nullable()
    .describe('What came of it; null unless it is done.'),
})

export const verificationListSchema = z.strictObject({ verifications: z.array(verificationSchema).describe('Newest first.') })

export type ReplayAnswer = z.output<typeof replaySchema>
export type VerificationAnswer = z.output<typeof verificationSchema>
