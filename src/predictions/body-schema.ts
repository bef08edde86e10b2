import { z } from 'zod'
import { parseTimeframe, timeframes } from '../candles/timeframe.js'

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
const candles = z.unknown().meta({
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

/** JSON body of POST /predict. Without model and models every served model that fits answers. */
export const bodySchema = targetSchema.extend({ candles })
