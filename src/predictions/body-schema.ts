import { z } from 'zod'
import { parseTimeCell } from '../candles/parse-cell.js'
import { whyNoTime } from '../candles/parse-time.js'
import { parseTimeframe, timeframes } from '../candles/timeframe.js'
import { openTimeRange } from '../http/open-time-range.js'
import { inWords } from '../in-words.js'
import { type Bars, maxPerRequest } from './bars.js'

/** Models that one request may name. */
export const maxModels = 100

const modelName = z.string().min(1).max(100)

/** A market's name: no blanks, no control characters; exchanges also use letters beyond ASCII. */
const symbol = z.string().regex(/^[^\p{C}\p{Z}]{1,64}$/u, 'up to 64 characters without blanks are expected')

const timeframe = z
  .string()
  .transform((value, context) => {
    const known = parseTimeframe(value)
    if (known !== undefined) return known
    context.addIssue(`one of ${timeframes.join(', ')} is expected`)
    return z.NEVER
  })
  .meta({ enum: [...timeframes] })

const cell = { anyOf: [{ type: 'number' }, { type: 'string' }] }
const column = (description: string) => ({ type: 'array', minItems: 1, items: cell, description })
const columns = {
  timestamp:
    'Open time: epoch milliseconds, ISO 8601 or YYYY-MM-DD HH:MM:SS; without an offset UTC. Also called time, open_time, date, ts, t.',
  open: 'First price; in the unit of the market. Also called o.',
  high: 'Highest price; in the unit of the market. Also called h.',
  low: 'Lowest price; in the unit of the market. Also called l.',
  close: 'Last price; in the unit of the market. Also called c.',
  volume: 'Traded volume; in the unit that the model was trained with. Also called v.',
}
const required = Object.keys(columns)
const properties = (of: (description: string) => object) =>
  Object.fromEntries(Object.entries(columns).map(([name, description]) => [name, of(description)]))

/** The candles are only described here; src/candles reads them, once, without walking them through a schema. */
export const candlesSchema = z.unknown().meta({
  description: 'Bars of one market and timeframe, in any order. Names in any case, further columns are ignored, numbers may be text.',
  oneOf: [
    { type: 'object', title: 'columns', required, properties: properties(column) },
    {
      type: 'array',
      title: 'records',
      minItems: 1,
      items: { type: 'object', required, properties: properties((description) => ({ ...cell, description })) },
    },
    {
      type: 'array',
      title: 'rows',
      minItems: 1,
      items: {
        type: 'array',
        minItems: 6,
        items: cell,
        description: 'timestamp, open, high, low, close, volume; what follows is ignored.',
      },
    },
  ],
})

/** What names a series, without a description. */
export const seriesFields = { symbol, timeframe }

/** The fields of POST /predict that say which model is asked, in a JSON body or in the query of a CSV. */
export const targetSchema = z.strictObject({
  model: modelName.describe('Name of the model to ask.').optional(),
  models: z
    .array(modelName)
    .min(1)
    .max(maxModels)
    .refine((names) => new Set(names).size === names.length, 'each model may be named once')
    .describe('Names of several models to ask; they must agree on the timeframe.')
    .optional(),
  symbol: symbol.describe("Market of the candles; default: the models' when they agree on one.").optional(),
  timeframe: timeframe.describe("Length of one bar; default: the models'. Case does not matter.").optional(),
})

const time = z
  .union([z.number(), z.string().max(64)], { error: 'a time is expected: epoch milliseconds, ISO 8601 or YYYY-MM-DD HH:MM:SS' })
  .transform((cell, context) => {
    const ms = parseTimeCell(cell)
    if (!Number.isNaN(ms)) return ms
    context.addIssue(`${JSON.stringify(cell).slice(0, 70)} ${whyNoTime(cell)}`)
    return z.NEVER
  })

const rangeSchema = z
  .strictObject({
    from: time.describe("First open time, inclusive; default: the first bar's.").optional(),
    to: time.describe("Last open time, inclusive; default: the last bar's.").optional(),
  })
  .check(({ value, issues }) => {
    const refuse = (message: string, path: string[] = []) => issues.push({ code: 'custom', path, message, input: value })
    if (value.from === undefined && value.to === undefined) refuse('from or to is expected, or both')
    else if (value.from !== undefined && value.to !== undefined && value.from > value.to) refuse('from is later than to', ['from'])
  })

/** Read by kind, so that what is wrong in a list or a range is told for that kind, and not for all three. */
export const barsSchema = z
  .unknown()
  .transform((value, context): Bars => {
    if (value === 'last') return 'last'
    const isList = Array.isArray(value)
    if (isList && value.length > maxPerRequest) {
      context.addIssue(`at most ${maxPerRequest} bars can be named`)
      return z.NEVER
    }
    const schema = isList ? z.array(time).min(1) : rangeSchema
    if (typeof value !== 'object' || value === null) {
      context.addIssue('"last", a list of open times, or {"from": …, "to": …} is expected')
      return z.NEVER
    }
    const result = schema.safeParse(value, { error: inWords })
    if (!result.success) {
      for (const issue of result.error.issues.slice(0, 20)) context.addIssue({ code: 'custom', path: issue.path, message: issue.message })
      return z.NEVER
    }
    if (Array.isArray(result.data)) return { times: result.data }
    return openTimeRange(result.data)
  })
  .meta({
    description:
      'Which bars: the newest closed one (last, the default), some by their open times (then every one must have an answer), or all from ' +
      `one time to another (those without a window are listed in \`skipped\`). At most ${maxPerRequest} predictions per request.`,
    oneOf: [
      { const: 'last' },
      { type: 'array', minItems: 1, maxItems: maxPerRequest, items: { anyOf: [{ type: 'number' }, { type: 'string' }] } },
      {
        type: 'object',
        properties: {
          from: { anyOf: [{ type: 'number' }, { type: 'string' }], description: 'First open time, inclusive.' },
          to: { anyOf: [{ type: 'number' }, { type: 'string' }], description: 'Last open time, inclusive.' },
        },
        additionalProperties: false,
      },
    ],
  })

/** The values are only described here; parse-features.ts reads them, once, without walking them through a schema. */
const features = z.unknown().meta({
  description:
    'Feature values that were computed elsewhere, instead of candles: one row per bar, columns in any order; further columns are ignored. ' +
    'NaN is null, the infinities are "inf" and "-inf". What POST /features answers can be sent as it is.',
  type: 'object',
  required: ['columns', 'rows', 'timestamps'],
  properties: {
    columns: { type: 'array', minItems: 1, items: { type: 'string' }, description: 'Names of the features, each once.' },
    rows: {
      type: 'array',
      minItems: 1,
      items: { type: 'array', items: { anyOf: [{ type: 'number' }, { type: 'null' }, { enum: ['inf', '-inf'] }] } },
      description: 'Values, one list per bar, one value per column.',
    },
    timestamps: {
      type: 'array',
      minItems: 1,
      items: { anyOf: [{ type: 'number' }, { type: 'string' }] },
      description: 'Open time of the bar of each row, each once, all closed.',
    },
  },
})

export const featureKeySchema = z.string().regex(/^\P{Cc}{1,100}$/u, '1 to 100 characters without control characters are expected')

/** What else a request may say beside its target, in a JSON body or in the query of a CSV. */
export const wishesSchema = targetSchema.extend({
  target: z
    .string()
    .min(1)
    .max(100)
    .describe(
      'Asks every served model whose manifest states this target; a name without its horizon (y_logret) asks all horizons (y_logret_24h, ' +
        'y_logret_168h), unless a model states just that name. The answer has `term_structure`.',
    )
    .optional(),
  family_priority: z
    .array(z.string().min(1).max(100))
    .min(1)
    .max(20)
    .describe(
      'With target: families in the order in which they are to answer, as they were trained (LSTM) or are scored (onnx); per horizon the first ' +
        'that does counts. Case, blanks, - and _ do not matter.',
    )
    .optional(),
  origin: z.enum(['backfill', 'catch-up']).describe('How the predictions are marked; default: live or late, by the clock.').optional(),
  feature_key: featureKeySchema
    .describe("What feature values are kept under; default: the model's, or a name made of catalogue and window, or `submitted`.")
    .optional(),
})

/**
 * JSON body of POST /predict. Without model and models every served model that fits answers. Without candles and features the stored
 * candles are used.
 */
export const bodySchema = wishesSchema.extend({
  candles: candlesSchema.optional(),
  features: features.optional(),
  bars: barsSchema.optional(),
  store_features: z
    .boolean()
    .describe('true: the feature values used are kept, one row per bar; default: what the manifest says. Sent ones are always kept.')
    .optional(),
})
