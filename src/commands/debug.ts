import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { parseTimeframe } from '../candles/timeframe.js'
import { DONE } from '../exit-codes.js'
import type { computedFeaturesSchema } from '../feature-rows/schema.js'
import type { ModelAnswer } from '../model-listing/schema.js'
import type { predictedSchema } from '../predictions/schema.js'
import { defineCommand } from './command.js'
import { featureLayout, predictionLayout } from './debug-layout.js'
import { toFeatureItems } from './feature-items.js'
import { InputError } from './input-error.js'
import { readTime } from './read-range.js'
import { symbolOfModels } from './symbol-of-models.js'
import { writeTable } from './tables/write-table.js'
import { windowOfFile } from './window-of-file.js'

export const debug = defineCommand({
  name: 'debug',
  summary: 'Writes features and prediction of one bar, for comparing with a notebook',
  usage: '--bar TIME --model NAME --out FOLDER [--candles FILE] [--table NAME] [--symbol NAME] [--tag TEXT]',
  about: `Four files in FOLDER, which is made when it does not exist:
  features_TAG_BAR_RUN.csv and .parquet      timestamp and every feature of the model's catalogue
  prediction_TAG_BAR_RUN.csv and .parquet    timestamp, y_pred, model_run (the model's name), run_ts
Numbers are written so that they read back to the same float64; NaN is empty. BAR and RUN are YYYYMMDD_HHMMSS, both in UTC.
Nothing is stored.`,
  options: {
    bar: { type: 'string', value: 'TIME', about: 'open time of the bar, or last' },
    model: { type: 'string', value: 'NAME', about: 'the model that is asked' },
    out: { type: 'string', value: 'FOLDER', about: 'where the files go' },
    candles: { type: 'string', value: 'FILE', about: 'candles of a file, as in import candles; default: the stored ones' },
    table: { type: 'string', value: 'NAME', about: 'table or view of a DuckDB file' },
    symbol: { type: 'string', value: 'NAME', about: "market; default: the model's" },
    tag: { type: 'string', value: 'TEXT', about: 'what stands as TAG; default: symbol and timeframe, such as BTCUSDT_1h' },
  },
  fields: { bars: 'bar' },
  async run({ values, connect, config, stdout, nowMs }) {
    const { bar, model: name, out } = values
    if (bar === undefined || name === undefined || out === undefined) {
      throw new InputError(`${bar === undefined ? '--bar' : name === undefined ? '--model' : '--out'} is missing`)
    }
    const barMs = bar === 'last' ? undefined : readTime('--bar', bar)
    const client = await connect({ models: true, creates: values.candles !== undefined })
    const model = await (await client.request('GET', `/models/${encodeURIComponent(name)}`)).json<ModelAnswer>()
    const { features } = model
    const timeframe = parseTimeframe(model.timeframe ?? '')
    if (model.state !== 'served' || features === null || timeframe === undefined) {
      throw new InputError(`the model ${name} is refused: ${model.detail ?? model.reason ?? model.state}`)
    }
    const symbol = values.symbol ?? model.symbol ?? (await symbolOfModels(client))
    const candles = await windowOfFile({
      path: values.candles,
      table: values.table,
      config,
      timeframe,
      barMs,
      bars: model.bars_needed!,
      nowMs,
    })
    const asked = { symbol, timeframe, bars: barMs === undefined ? 'last' : [barMs], ...(candles && { candles }) }

    const predicted = await client.request('POST', '/predict', { query: { store: false }, body: { ...asked, model: name } })
    const { predictions } = await predicted.json<z.output<typeof predictedSchema>>()
    const { catalogue, base_bars, buffer_bars } = features
    const computed = await client.request('POST', '/features', { body: { ...asked, catalogue, base_bars, buffer_bars } })
    const rows = toFeatureItems(await computed.json<z.output<typeof computedFeaturesSchema>>())
    const prediction = predictions[0]
    const row = rows[0]
    if (prediction === undefined || row === undefined) throw new InputError(`there is no prediction of ${name} at ${bar}`)

    const before = [toTag(values.tag ?? `${symbol}_${timeframe}`), toStamp(Date.parse(row.timestamp))].join('_')
    let run = nowMs()
    // Another model in the same second: its files stay.
    while (existsSync(join(out, `prediction_${before}_${toStamp(run)}.csv`))) run += 1000
    const suffix = `${before}_${toStamp(run)}`
    const item = { prediction, runMs: run }
    for (const kind of ['csv', 'parquet'] as const) {
      const path = (what: string) => join(out, `${what}_${suffix}.${kind}`)
      await writeTable({ path: path('features'), force: true, layout: featureLayout(Object.keys(row.features), kind) }, one(row))
      await writeTable({ path: path('prediction'), force: true, layout: predictionLayout(item, kind) }, one(item))
      stdout.write(`${path('features')}\n${path('prediction')}\n`)
    }
    return DONE
  },
})

// eslint-disable-next-line @typescript-eslint/require-await -- a table is written from pages, and this is one
async function* one<Item>(item: Item): AsyncGenerator<readonly Item[]> {
  yield [item]
}

/** Blanks become `_`, commas go, as trading_cex writes them; what no file name may hold becomes `-`. */
function toTag(text: string): string {
  return text
    .replaceAll(' ', '_')
    .replaceAll(',', '')
    .replaceAll(/[/\\:*?"<>|\p{C}]/gu, '-')
}

/** YYYYMMDD_HHMMSS, UTC. */
function toStamp(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_')
}
