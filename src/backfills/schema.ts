import { z } from 'zod'
import { timeframes } from '../candles/timeframe.js'
import { jobFields } from '../jobs/schema.js'
import { modes } from './select-bars.js'

const count = (of: string) => z.int().min(0).describe(`${of}, count.`)
const time = (of: string) => z.string().nullable().describe(`${of}; ISO 8601, UTC, milliseconds; null when there is none.`)

const target = {
  symbol: z.string().describe('Market.'),
  timeframe: z.enum(timeframes as [string, ...string[]]).describe('Length of one bar.'),
  mode: z.enum(modes).describe('How the bars were chosen.'),
  notes: z.array(z.string()).describe('What may explain the choice, in sentences.'),
} as const

const plannedModel = {
  model: z.string().describe("Name of the model's folder."),
  bars: count('Bars to predict'),
  from: time('Open of the first of them'),
  to: time('Open of the last of them'),
} as const

const counts = {
  planned: count('Bars times models that were planned'),
  written: count('Predictions that are new'),
  known: count('Predictions that were there already'),
  skipped: count('Bars without a whole window, once per model'),
} as const

/** A backfill as a job. */
export const backfillSchema = z.strictObject({
  ...jobFields,
  ...target,
  models: z.array(z.strictObject(plannedModel)).describe('What is predicted.'),
  progress: z
    .strictObject({
      ...counts,
      done: count('Written, known and skipped together'),
      through: time('Open of the newest bar up to which everything is durable'),
    })
    .describe('How far it is.'),
  result: z
    .strictObject({
      ...counts,
      reasons: z.record(z.string(), z.int()).describe('Skipped bars by reason, once per model.'),
      seconds: z.number().describe('Time since the job began, or was taken up after a restart, seconds.'),
    })
    .nullable()
    .describe('What came of it; null unless it is done.'),
})

export const backfillListSchema = z.strictObject({ backfills: z.array(backfillSchema).describe('Newest first.') })

/** What `dry_run` answers. */
export const backfillPlanSchema = z.strictObject({
  dry_run: z.literal(true).describe('Nothing was done.'),
  ...target,
  models: z
    .array(z.strictObject({ ...plannedModel, timestamps: z.array(z.string()).describe('Opens of the bars, oldest first.') }))
    .describe('What would be predicted.'),
})

export type BackfillAnswer = z.output<typeof backfillSchema>
export type BackfillPlanAnswer = z.output<typeof backfillPlanSchema>
