import { z } from 'zod'
import { timeframes } from '../candles/timeframe.js'
import { outputs } from '../models/model.js'
import { origins } from '../store/store.js'

const time = (of: string) => z.string().describe(`${of}; ISO 8601, UTC, milliseconds.`)
const names = (of: string) => z.array(z.string()).describe(`${of}; in the model's order.`)
const hex = (of: string) => z.string().describe(`SHA-256 of ${of}, hex.`)
const score = (of: string) =>
  z
    .union([z.number().nullable(), z.array(z.number().nullable())])
    .describe(`${of}; one number, or one per class for models of several classes; null where it is not finite.`)

/** A prediction as every route answers it. */
export const predictionSchema = z.strictObject({
  id: z.string().describe('26 characters of Crockford base32: the same candles, model and settings give the same id on every machine.'),
  symbol: z.string().describe('Market, such as BTCUSDT.'),
  timeframe: z.enum(timeframes as [string, ...string[]]).describe('Length of one bar.'),
  bar_time: time('Open of the newest closed bar, the one predicted from'),
  bar_close_time: time('Close of that bar'),
  model: z
    .strictObject({
      name: z.string().describe("Name of the model's folder."),
      version: z.string().describe('As its manifest states it.'),
      sha256: hex('model.txt'),
    })
    .describe('The model that predicted.'),
  y_raw: score('Raw score, bit for bit that of LightGBM'),
  y_pred: score("Prediction: the raw score after the objective's transform; its unit is that of `output`"),
  output: z.enum(outputs).describe('What y_pred means.'),
  horizon_bars: z.int().min(0).describe('How far ahead the model looks, bars.'),
  settles_at: time('When the horizon is over: the close of the bar plus horizon_bars'),
  features: z
    .strictObject({
      catalogue: z.string().describe('Catalogue that computed the features.'),
      version: z.int().describe('Version of the catalogue.'),
      hash: hex("the row's float64 little-endian bytes in the model's order, every NaN as 7ff8000000000000"),
      nan: names('Features that are NaN now although the training data had none there; LightGBM scores them as 0'),
      outside_training_range: names('Features outside the range that the training data had'),
    })
    .describe('What the model saw.'),
  input: z
    .strictObject({
      hash: hex("the window's bars, each as int64 epoch milliseconds and five float64, little-endian, oldest first"),
      submitted: z.int().min(0).describe('Bars sent, count.'),
      bars: z.int().min(0).describe('Bars of the window used, count.'),
      first: time('Open of the first bar of the window'),
      last: time('Open of the last bar of the window'),
      unfinished_dropped: z.int().min(0).describe("Bars dropped because they were still open at the server's clock, count."),
    })
    .describe('The candles that were used.'),
  origin: z.enum(origins).describe('live: accepted within one timeframe after the bar closed; late: later than that; backfill; catch-up.'),
  created_at: time('When the prediction was first made'),
  supersedes: z.string().nullable().describe('Id of the older prediction of this bar and model that this one replaced.'),
  superseded_by: z.string().nullable().describe('Id of the newer prediction that replaced this one.'),
  outcome: z.strictObject({ status: z.literal('pending').describe('Outcomes are not settled yet.') }).describe('What came of it.'),
})

export type Prediction = z.output<typeof predictionSchema>

/** Answer of POST /predict. */
export const predictedSchema = z.strictObject({
  predictions: z.array(predictionSchema).describe('One per model, in the order asked for.'),
  skipped: z
    .array(
      z.strictObject({
        model: z.string().describe("Name of the model's folder."),
        code: z.enum(['not-enough-history', 'gap']).describe('What its window lacks.'),
        detail: z.string().describe('What its window lacks, in words.'),
      }),
    )
    .optional()
    .describe('Models that fit, but need other candles than these; only when the request named no model, and absent when there are none.'),
})

/** Answer of GET /predictions. */
export const pageSchema = z.strictObject({
  predictions: z.array(predictionSchema).describe('In the order asked for.'),
  next_cursor: z.string().nullable().describe('Send it as `cursor` for the next page; null on the last one.'),
})
