import { z } from 'zod'
import { timeframes } from '../candles/timeframe.js'
import { outputs } from '../models/model.js'
import { outcomeSchema } from '../outcomes/schema.js'
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
  valid_until: time('Close of the next bar: from then on a newer bar can be predicted from'),
  features: z
    .strictObject({
      catalogue: z.string().describe('Catalogue that computed the features.'),
      version: z.int().describe('Version of the catalogue.'),
      hash: hex("the row's float64 little-endian bytes in the model's order, every NaN as 7ff8000000000000"),
      nan: names(
        'Features that are NaN now although the training data had none there; LightGBM scores them as 0. Of networks whose scaler takes finite values only: all that are NaN or ±∞',
      ),
      outside_training_range: names('Features outside the range that the training data had'),
    })
    .describe('What the model saw.'),
  scorer_version: z
    .string()
    .describe(
      "What made the numbers: lightgbm-wasm's version alone, or a name and a version; `float32` behind them: an ensemble with such members.",
    ),
  scorer: z
    .strictObject({
      name: z.string().describe('Program that made the numbers, such as lightgbm-wasm or onnxruntime-node.'),
      version: z.string().describe('Its version.'),
      family: z.string().nullable().describe('How the model is written: lightgbm, xgboost, onnx, or ensemble; null: not known any more.'),
      precision: z
        .enum(['float64', 'float32'])
        .nullable()
        .describe(
          'What it computes in. float32: inputs are rounded to float32, and so is every sum, y_raw included; of an ensemble: a member of it is such a model.',
        ),
    })
    .describe('What made the numbers, read from scorer_version: it is told also when the model is gone.'),
  input: z
    .strictObject({
      source: z
        .enum(['candles', 'features', 'predictions'])
        .describe(
          'candles: the features were computed here; features: they were sent, and the candles are unknown; predictions: an ensemble of its members.',
        ),
      hash: hex(
        "the window's bars, each as int64 epoch milliseconds and five float64, little-endian, oldest first; of sent features it is features.hash, of an ensemble a hash of its members' ids and of what it looked back on",
      ),
      submitted: z.int().min(0).describe('Bars sent, or rows of features, count; 0: stored candles were used.'),
      bars: z.int().min(0).describe('Bars of the window used, count; 0: features were sent.'),
      first: time('Open of the first bar of the window'),
      last: time('Open of the last bar of the window'),
      unfinished_dropped: z.int().min(0).describe("Bars dropped because they were still open at the server's clock, count."),
    })
    .describe('The candles that were used.'),
  origin: z.enum(origins).describe('live: accepted within one timeframe after the bar closed; late: later than that; backfill; catch-up.'),
  created_at: time('When the prediction was first made'),
  supersedes: z.string().nullable().describe('Id of the older prediction of this bar and model that this one replaced.'),
  superseded_by: z.string().nullable().describe('Id of the newer prediction that replaced this one.'),
  details: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('How an ensemble came to its value: rule, members, weights; and `signal`, of a model that gives one. Null: neither.'),
  outcome: outcomeSchema,
})

export type Prediction = z.output<typeof predictionSchema>

/** Answer of POST /predict. */
export const predictedSchema = z.strictObject({
  predictions: z.array(predictionSchema).describe('By bar, oldest first, then by model in the order asked for.'),
  skipped: z
    .array(
      z.strictObject({
        model: z.string().describe("Name of the model's folder."),
        bar_time: time('Open of the bar that it does not answer for'),
        code: z.enum(['not-enough-history', 'gap', 'feature-mismatch']).describe('What is missing.'),
        detail: z.string().describe('What is missing, in words.'),
      }),
    )
    .optional()
    .describe(
      'Bars of a range without a whole window; and, when the request named no model, models that fit, but need other candles or features ' +
        'than these. Absent when there are none.',
    ),
  term_structure: z
    .array(
      z.strictObject({
        bar_time: time('Open of the bar that was predicted from'),
        horizon_bars: z.int().min(1).describe('How far ahead, bars.'),
        settles_at: time('When the horizon is over'),
        model: z.string().nullable().describe('Who answered; null: nobody did.'),
        family: z.string().nullable().describe('Its family: what it was trained as, where that is known, else what scores it.'),
        id: z.string().nullable().describe('Id of its prediction.'),
        y_pred: score('Prediction'),
        passed_over: z
          .array(
            z.strictObject({
              model: z.string().describe('Name of a model that did not answer.'),
              family: z.string().nullable().describe('Its family.'),
              reason: z.string().describe('Why it did not, in words.'),
            }),
          )
          .optional()
          .describe('With family_priority: models of earlier families that did not answer. Absent when there are none.'),
      }),
    )
    .optional()
    .describe('Only when a target was asked: by bar, then by horizon.'),
  ignored_columns: z
    .array(z.string())
    .optional()
    .describe('Submitted feature columns that none of the models uses; absent when there are none.'),
})

/** Answer of GET /predictions. */
export const pageSchema = z.strictObject({
  predictions: z.array(predictionSchema).describe('In the order asked for.'),
  next_cursor: z.string().nullable().describe('Send it as `cursor` for the next page; null on the last one.'),
  next_expected_at: z
    .string()
    .nullable()
    .describe(
      'When the next bar of what is listed closes; ISO 8601, UTC, milliseconds. Null: nothing is stored, or bars of several lengths are listed.',
    ),
})
