import { z } from 'zod'
import { outputs } from '../models/model.js'

const score = (of: string) => z.number().nullable().describe(`${of}; null where it says nothing.`)
const whole = (of: string) => z.int().min(0).describe(of)
const time = (of: string) => z.string().nullable().describe(`${of}; ISO 8601, UTC, milliseconds; null: there is none.`)

const className = (of: string) =>
  z.string().nullable().describe(`${of}, as the manifest has it; null: the model is gone, has other bounds now, or names none.`)

const scores = {
  mae: score('Mean of |y_pred − realised|'),
  rmse: score('Root of the mean of (y_pred − realised)²'),
  mean_error: score('Mean of y_pred − realised'),
  pinball_loss: score('Quantiles: mean pinball loss'),
  coverage: score('Quantiles: share of realised ≤ y_pred; compare with `quantile`'),
  brier: score('Probabilities: mean of (p − event)², the event being r > 0'),
  log_loss: score('Probabilities and classes: mean of −ln of the probability given to what happened, each clipped to [1e-15, 1 − 1e-15]'),
  accuracy: score('Classes: share of rows whose most probable class came true'),
}

export type Scores = z.output<z.ZodObject<typeof scores>>

const measures = {
  n: whole('Settled predictions that are compared.'),
  effective_sample_size: whole('How many of them can be chosen so that no two horizons overlap: overlapping ones are not independent.'),
  hits: whole('Predicted side, or class, came true.'),
  misses: whole('It did not.'),
  neither: whole('Neither: a probability of 0.5, or a price that did not move.'),
  hit_rate: score('hits / (hits + misses); quantiles have none'),
  hit_rate_standard_error: score('√(hit_rate · (1 − hit_rate) / effective_sample_size)'),
  ic: score("Spearman's rank correlation of y_pred and realised, equal values sharing the mean of their ranks; classes have none"),
  ic_standard_error: score('1 / √(effective_sample_size − 1)'),
  mean_realised: score('Mean of the realised values'),
  mean_drawdown: score('Mean of the worst drawdowns on the way, of predictions with a direction'),
  ...scores,
  baseline: z
    .strictObject({ hit_rate: score('Always up'), ...scores })
    .describe(
      'The same scores of a forecaster without skill on the same rows: y = 0 for returns, the base rate of rises for probabilities, the quantile of the realised values for quantiles, the most frequent class and the class shares for classes.',
    ),
}

export type Measures = z.output<z.ZodObject<typeof measures>>

const countsSchema = z
  .strictObject({
    predictions: whole('Current predictions.'),
    pending: whole('Not settled yet.'),
    settled: whole('Settled.'),
    unsettleable: whole('Candles that are needed are missing, or the output cannot be compared.'),
  })
  .describe('Current predictions by what came of them.')
export type Counts = z.output<typeof countsSchema>

export const calibrationSchema = z
  .array(
    z.strictObject({
      bin: whole('Equal-count bin, from 0.'),
      mean_p: z.number().describe('Mean prediction in the bin.'),
      mean_y: z.number().describe('Mean of what happened in the bin.'),
      n: whole('Rows in the bin.'),
      p_low: z.number().describe('Smallest prediction in the bin.'),
      p_high: z.number().describe('Largest prediction in the bin.'),
    }),
  )
  .describe('Mean prediction against what happened, in equal-count bins, by mean prediction; empty when there is nothing to compare.')

const identity = {
  model: z.string().describe("Name of the model's folder."),
  symbol: z.string().describe('Market.'),
  timeframe: z.string().describe('Length of one bar.'),
  output: z.enum(outputs).describe('What the model predicts.'),
  quantile: z.number().nullable().describe('The quantile it predicts; null: none.'),
  thresholds: z.array(z.number()).describe('Bounds between its classes, rising; empty when it has none.'),
  horizon_bars: whole('How far ahead it looks, bars.'),
  rule: z.string().describe('Rule that settles it.'),
}

const performanceOfOneSchema = z.strictObject({
  ...identity,
  from: time('Oldest bar that is compared'),
  to: time('Newest bar that is compared'),
  counts: countsSchema,
  ...measures,
  calibration: calibrationSchema.describe('Probabilities: mean probability against the share of rises, in ten equal-count bins.'),
  classes: z
    .array(
      z.strictObject({
        class: whole('Class, from 0.'),
        name: className('Its name'),
        from: z.number().nullable().describe('Smallest log return of the class, inclusive; null: no bound.'),
        below: z.number().nullable().describe('Bound above, exclusive; null: no bound.'),
        predicted: whole('Rows in which it was the most probable.'),
        realised: whole('Rows in which it came true.'),
        hits: whole('Rows in which it was both.'),
        mean_p: score('Mean probability given to it'),
      }),
    )
    .describe('Classes: what was predicted and what came, per class.'),
  monthly: z
    .array(
      z.strictObject({
        month: z.string().describe('Month of the bar, UTC, YYYY-MM.'),
        counts: countsSchema,
        ...measures,
      }),
    )
    .describe('By month, oldest first.'),
  rolling: z
    .array(
      z.strictObject({
        from: time('Oldest bar of the window'),
        to: time('Newest bar of the window'),
        ...measures,
      }),
    )
    .describe('Over full windows, oldest first; evenly thinned when there are many.'),
})
export type PerformanceOfOne = z.output<typeof performanceOfOneSchema>

/** Answer of GET /performance. */
export const performanceSchema = z.strictObject({
  window: z.string().describe('Window of `rolling`: so many settled predictions, or so much time.'),
  performance: z.array(performanceOfOneSchema).describe('One entry per model, symbol, timeframe and meaning; empty when nothing matches.'),
})
export type Performance = z.output<typeof performanceSchema>

const edge = (of: string) => z.number().nullable().describe(`${of}; null stands for −∞ or ∞.`)

/** Answer of GET /performance/bins. */
export const performanceBinsSchema = z.strictObject({
  ...identity,
  class: z.int().nullable().describe('Class whose probability is binned; null for other outputs.'),
  class_name: className('Name of that class'),
  n_bins: whole('How many bins.'),
  n: whole('Predictions that are binned.'),
  edges: z
    .array(edge('Bound'))
    .describe('n_bins + 1 bounds that never fall: bin i holds edges[i] < y_pred ≤ edges[i + 1]; the first is −∞, written null.'),
  bins: z
    .array(
      z.strictObject({
        bin: whole('Bin, from 0.'),
        p_low: edge('Smallest reference prediction of the bin; of an empty bin, the smallest of all'),
        p_high: edge('Largest reference prediction of the bin; of an empty bin, that of the bin before'),
        p_center: edge('Mean reference prediction of the bin; of an empty bin, that of the bin before'),
        count: whole('Reference predictions of the bin by rank: equal values can be in two bins here, but not in `n`.'),
        n: whole('Predictions in the bin by value, also those that are not settled.'),
        n_settled: whole('Those that are settled.'),
        mean_y: score(
          'Mean of what happened: realised for returns, the share of rises for probabilities, the share of the class for classes',
        ),
        w_sum: z.number().nullable().describe('Sum of weights; null: rows have none.'),
      }),
    )
    .describe('One row per bin.'),
  calibration: calibrationSchema,
  assigned: z
    .array(
      z.strictObject({
        value: edge('The value asked about'),
        bin: z.int().describe('Its bin; −1: none.'),
      }),
    )
    .describe('The bins of the values asked about.'),
})
export type PerformanceBins = z.output<typeof performanceBinsSchema>
