import { z } from 'zod'
import { timeframes } from '../candles/timeframe.js'
import { outputs, refusals } from '../models/model.js'

const example = z.strictObject({
  method: z.literal('POST').describe('HTTP method.'),
  path: z.string().describe('Path and query; store=false, so that trying it stores nothing.'),
  content_type: z.literal('application/json').describe('Header Content-Type.'),
  body: z.record(z.string(), z.unknown()).describe('JSON body with made-up candles, as many as the model needs.'),
})

const precision = (of: string) => z.enum(['float64', 'float32']).nullable().describe(`${of}; null where the model says nothing.`)

/** A model as GET /models and GET /models/{name} show it. What the manifest says is null where it could not be read. */
export const modelSchema = z.strictObject({
  name: z.string().describe("Name of the model's folder."),
  state: z
    .enum(['loading', 'idle', 'served', 'refused'])
    .describe('loading: wait; idle: loaded when it is asked; served: answers; refused: reason and detail say why not.'),
  source: z
    .strictObject({
      layout: z.string().describe("How its files lie on the disk; bundle: barcast's own."),
      path: z.string().describe('Where, relative to the models directory.'),
    })
    .describe('Where it came from.'),
  reason: z.enum(refusals).nullable().describe('Why it was refused.'),
  detail: z.string().nullable().describe('Why it was refused, in words, and what to do.'),
  refusal: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('What differs: unknown feature names with the nearest known one, or the first row that differs.'),
  failed_reload: z
    .strictObject({
      reason: z.enum(refusals).describe('Why the newer version was refused.'),
      detail: z.string().describe('Why, in words, and what to do.'),
      at: z.string().describe('When it was tried; ISO 8601, UTC, milliseconds.'),
    })
    .nullable()
    .describe('A newer version that could not take its place; the one described here serves on.'),
  version: z.string().nullable().describe('As the manifest states it.'),
  symbol: z.string().nullable().describe('Market it was trained for; null: any.'),
  timeframe: z
    .enum(timeframes as [string, ...string[]])
    .nullable()
    .describe('Length of one bar.'),
  sha256: z.string().nullable().describe('SHA-256 of model.txt, hex: as read, for a refused model as its manifest states it.'),
  family: z
    .string()
    .nullable()
    .describe('How it is written and scored: lightgbm, xgboost or onnx; ensemble: by its members; null: by nothing here.'),
  precision: precision('What its sums are; of an ensemble float32 when a member is'),
  input_precision: precision('What its features are rounded to before they are scored'),
  scorer: z
    .strictObject({
      name: z.string().describe('Program, such as lightgbm-wasm or onnxruntime-node.'),
      version: z.string().describe('Its version.'),
    })
    .nullable()
    .describe('What scores it; null while it is not served.'),
  features: z
    .strictObject({
      catalogue: z.string().describe('Catalogue that computes the features.'),
      version: z.int().nullable().describe('Version of the catalogue; null while the model is not served.'),
      base_bars: z.int().describe('Lookback of the features, bars.'),
      buffer_bars: z.int().describe('Bars before it, so that the first resampled bar is whole.'),
      count: z.int().nullable().describe('Features that the model takes, count; null while it is not served.'),
      names: z.array(z.string()).optional().describe("In the model's order; only in GET /models/{name}."),
    })
    .nullable()
    .describe('What the model sees.'),
  output: z.enum(outputs).nullable().describe('What y_pred means.'),
  outputs: z.int().nullable().describe('Numbers per prediction: 1, or the number of classes; null while it is not served.'),
  quantile: z.number().nullable().describe('The quantile that is predicted, where it is one; 0 to 1.'),
  classes: z.array(z.string()).nullable().describe('Names of the classes, where there are several.'),
  thresholds: z.array(z.number()).nullable().describe('Bounds between the classes, log returns.'),
  horizon_bars: z.int().nullable().describe('How far ahead it looks, bars.'),
  target: z.string().nullable().describe('What it predicts, as its manifest names it: models of one target can be asked together.'),
  trained_family: z
    .string()
    .nullable()
    .describe('What the system that trained it calls its family (lstm, ridge), as family_priority names it; null: as family.'),
  signal: z.string().nullable().describe('The rule that makes signals of its predictions: crypto-bot or range; null: none does.'),
  ensemble: z
    .strictObject({
      rule: z.string().describe('How the members are combined.'),
      members: z.array(z.string()).describe('Names of the members, in their order.'),
    })
    .nullable()
    .describe('What it is made of; null: a model of its own.'),
  bars_needed: z.int().nullable().describe('Closed bars that a request must hold without a gap, count.'),
  bars_per_timeframe: z.record(z.string(), z.int()).nullable().describe('Bars of each timeframe that the features look back on, count.'),
  warnings: z.array(z.string()).describe('What the operator should know, such as a digest that differs.'),
  example: example.nullable().optional().describe('A request that works as it stands; only in GET /models/{name}, null unless served.'),
})

export type ModelAnswer = z.output<typeof modelSchema>

/** Answer of GET /models. */
export const modelListSchema = z.strictObject({ models: z.array(modelSchema).describe('Every model of the models directory, by name.') })

const names = (description: string) => z.array(z.string()).describe(description)

/** Answer of POST /models/reload: names of models, by what became of them. */
export const modelReloadSchema = z.strictObject({
  added: names('New, and served or idle now.'),
  swapped: names('Changed, and served in the new version from now on.'),
  removed: names('Gone from the directory, and served no longer.'),
  refused: names('New or changed, and refused; of a changed one the older version serves on. GET /models says why.'),
  unsettled: names('Still being written: left as they were, and looked at again later.'),
})

export type ReloadAnswer = z.output<typeof modelReloadSchema>
