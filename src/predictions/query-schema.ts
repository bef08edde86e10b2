import { z } from 'zod'
import { parameter } from '../http/query-parameters.js'
import { origins } from '../store/store.js'
import { columnSets } from './csv.js'

/** Most predictions per page. Lines are sent as they are read; everything else is built in memory. */
export const maxPageRows = {
  'application/json': 10_000,
  'text/csv': 10_000,
  'application/x-ndjson': 1_000_000,
  'application/vnd.apache.parquet': 10_000,
} as const

const { bounded, name, text } = parameter

const limit = text()
  .refine((value) => /^\d{1,7}$/.test(value) && Number(value) >= 1, `1 to ${maxPageRows['application/json']} is expected`)
  .transform(Number)

/** Query of GET /predictions. */
export const listQuerySchema = z.strictObject({
  symbol: parameter.symbol('Only this market.').optional(),
  timeframe: parameter.timeframe().optional(),
  model: name('Only this model.').optional(),
  from: parameter.time('Oldest open time of a bar, inclusive').optional(),
  to: parameter.time('Newest open time of a bar, inclusive').optional(),
  origin: z
    .enum(origins, { error: `one of ${origins.join(', ')} is expected, once` })
    .describe('Only predictions made this way.')
    .optional(),
  order: parameter.order('By bar time: newest first (desc) or oldest first (asc).', 'desc'),
  limit: limit.default(100).meta({
    type: 'integer',
    minimum: 1,
    maximum: maxPageRows['application/x-ndjson'],
    description: `Predictions per page, 1 to ${maxPageRows['application/json']}; with NDJSON ${maxPageRows['application/x-ndjson']}. 100 when not given.`,
  }),
  cursor: parameter.cursor().optional(),
  history: z
    .enum(['current', 'all'], { error: 'current or all is expected, once' })
    .describe('current: only predictions that no newer one superseded; all: those too.')
    .default('current'),
  columns: z
    .enum(columnSets, { error: `one of ${columnSets.join(', ')} is expected, once` })
    .describe(
      'Of CSV only. standard: id to outcome_status; all: behind them scorer_version, scorer_family, scorer_precision, signal and details.',
    )
    .default('standard'),
})

export type ListQuery = z.output<typeof listQuerySchema>

/** Query of POST /predict. With a JSON body only `store` may be given. */
export const predictQuerySchema = z.strictObject({
  store: parameter.flag().default(true).meta({ description: 'false: answer without storing; true when not given.' }),
  model: name('With text/csv: the model to ask.').optional(),
  models: parameter.names('With text/csv: several models, with commas or repeated.').optional(),
  target: name('With text/csv: asks every served model of this target.').optional(),
  family_priority: parameter
    .names('With text/csv and target: families in the order in which they are to answer, with commas or repeated.')
    .optional(),
  symbol: bounded(64).describe('With text/csv: the market.').optional(),
  timeframe: bounded(8).describe('With text/csv: the length of one bar.').optional(),
  bars: parameter.lastBar('With text/csv: the newest closed bar, which is the default.').optional(),
  from: parameter.time('With text/csv: first open time of the bars to predict from, inclusive').optional(),
  to: parameter.time('With text/csv: last open time of the bars to predict from, inclusive').optional(),
  origin: bounded(10)
    .describe('With text/csv: backfill or catch-up.')
    .meta({ enum: ['backfill', 'catch-up'] })
    .optional(),
  store_features: parameter.flag().meta({ description: 'With text/csv: whether the feature values used are kept.' }).optional(),
  feature_key: name('With text/csv: what feature values are kept under.').optional(),
})

export type PredictQuery = z.output<typeof predictQuerySchema>
