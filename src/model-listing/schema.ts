import { z } from 'zod'
import { timeframes } from '../candles/timeframe.js'
import { outputs, refusals } from '../models/model.js'

const example = z.strictObject({
  method: z.literal('POST').describe('HTTP method.'),
  path: z.string().describe('Path and query; store=false, so that trying it stores nothing.'),
  content_type: z.literal('application/json').describe('Header Content-Type.'),
  body: z.record(z.string(), z.unknown()).describe('JSON body with made-up candles, as many as the model needs.'),
})

/** A model as GET /models and GET /models/{name} show it. What the manifest says is null where it could not be read. */
export const modelSchema = z.strictObject({
  name: z.string().describe("Name of the model's folder."),
  state: z.enum(['loading', 'served', 'refused']).describe('loading: wait; served: answers; refused: reason and detail say why not.'),
  reason: z.enum(refusals).nullable().describe('Why it was refused.'),
  detail: z.string().nullable().describe('Why it was refused, in words, and what to do.'),
  refusal: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('What differs: unknown feature names with the nearest known one, or the first row that differs.'),
  version: z.string().nullable().describe('As the manifest states it.'),
  symbol: z.string().nullable().describe('Market it was trained for; null: any.'),
  timeframe: z
    .enum(timeframes as [string, ...string[]])
    .nullable()
    .describe('Length of one bar.'),
  sha256: z.string().nullable().describe('SHA-256 of model.txt, hex: as read, for a refused model as its manifest states it.'),
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
  bars_needed: z.int().nullable().describe('Closed bars that a request must hold without a gap, count.'),
  bars_per_timeframe: z.record(z.string(), z.int()).nullable().describe('Bars of each timeframe that the features look back on, count.'),
  warnings: z.array(z.string()).describe('What the operator should know, such as a digest that differs.'),
  example: example.nullable().optional().describe('A request that works as it stands; only in GET /models/{name}, null unless served.'),
})

export type ModelAnswer = z.output<typeof modelSchema>

/** Answer of GET /models. */
export const modelListSchema = z.strictObject({ models: z.array(modelSchema).describe('Every folder of the models directory, by name.') })
