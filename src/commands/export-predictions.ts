import { DONE } from '../exit-codes.js'
import { readTimeframe } from './read-timeframe.js'
import { defineCommand } from './command.js'
import { aboutOut, exportOptions } from './export-options.js'
import { fetchPredictions } from './fetch-predictions.js'
import { InputError } from './input-error.js'
import { predictionTable, predictionText } from './prediction-layout.js'
import { createProgress } from './progress.js'
import { rangeQuery, readRange } from './read-range.js'
import { refuseOwnDatabase } from './refuse-own-database.js'
import { requireModel } from './require-model.js'
import { formatOf } from './tables/format.js'
import { writeTable } from './tables/write-table.js'

const layouts = ['barcast', 'trading-cex'] as const

export const exportPredictions = defineCommand({
  name: 'export predictions',
  summary: 'Writes stored predictions into a file',
  usage: `OUT [--model NAME] [--symbol NAME] [--timeframe 1h] [--from TIME] [--to TIME] [--origin live] [--history] [--force]
--layout trading-cex OUT.duckdb [--model-path PATH] [--feature-key KEY] [--dataset NAME] [--model NAME] …`,
  about: `${aboutOut}
With --layout trading-cex the table predictions (ts, model_path, y_pred, feature_key, dataset, created_at; primary key ts, model_path) of
a DuckDB file is written, as the dashboards of trading_cex read it: current predictions of one output, one row per bar and model. A file
that is there keeps what else is in it: rows of the same ts and model_path are replaced, the others stay.`,
  operands: ['OUT'],
  options: {
    model: { type: 'string', value: 'NAME', about: 'only this model, also one that is gone' },
    ...exportOptions,
    origin: { type: 'string', value: 'ORIGIN', about: 'only predictions made this way: live, late, backfill, catch-up' },
    history: { type: 'boolean', about: 'also predictions that newer ones superseded' },
    layout: { type: 'string', value: 'LAYOUT', about: `${layouts.join(' (default) or ')}` },
    'model-path': { type: 'string', value: 'PATH', about: 'trading-cex: what stands as model_path; default: the name of the model' },
    'feature-key': {
      type: 'string',
      value: 'KEY',
      about: 'trading-cex: what stands as feature_key; default: catalogue and version, e.g. multi-timeframe-1',
    },
    dataset: { type: 'string', value: 'NAME', about: 'trading-cex: what stands as dataset; default: nothing' },
  },
  async run({ args, values, connect, config, stdout, stderr, isTerminal, signal, nowMs }) {
    const [path] = args as [string]
    const { symbol, model, origin, layout = 'barcast', history = false, force = false } = values
    const timeframe = values.timeframe === undefined ? undefined : readTimeframe(values.timeframe)
    const range = readRange(values)
    const { 'model-path': modelPath, 'feature-key': featureKey, dataset } = values
    if (!layouts.includes(layout as never))
      throw new InputError(`--layout ${JSON.stringify(layout)} is none: ${layouts.join(' or ')} is expected`)
    await refuseOwnDatabase(path, config)
    const query = { symbol, timeframe, model, origin, ...rangeQuery(range), ...(history && { history: 'all' }) }
    /** Models are looked at only to tell a name that is mistyped. */
    const open = async () => {
      const client = await connect({ models: model !== undefined })
      if (model !== undefined) await requireModel(client, model)
      return client
    }
    const progress = createProgress({ stderr, isTerminal, nowMs })
    const onRows = (done: number) => progress.show(done, undefined, 'predictions')

    if (layout === 'trading-cex') {
      if (history) throw new InputError('--history does not go with --layout trading-cex, which has one row per bar and model')
      if (formatOf(path) !== 'duckdb')
        throw new InputError(`${path}: --layout trading-cex writes a DuckDB file, named .duckdb, .ddb or .db`)
      const { writeTradingCex } = await import('./tables/write-trading-cex.js')
      const pages = fetchPredictions({ client: await open(), query, signal })
      const labels = { modelPath, featureKey, dataset }
      const { written, severalOutputs, notFinite } = await writeTradingCex({ path, force, labels }, pages, onRows)
      progress.clear()
      const left = [
        severalOutputs > 0 ? `${severalOutputs} of several outputs left out` : '',
        notFinite > 0 ? `${notFinite} that are no finite numbers left out` : '',
      ]
      stdout.write(`${[`${path}: ${written} predictions`, ...left.filter(Boolean)].join(', ')}\n`)
      return DONE
    }
    for (const [name, value] of Object.entries({ modelPath, featureKey, dataset })) {
      if (value !== undefined)
        throw new InputError(`--${name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)} goes with --layout trading-cex only`)
    }
    const isText = formatOf(path).startsWith('csv')
    const pages = fetchPredictions({ client: await open(), query, signal })
    const nRows = await writeTable({ path, force, layout: isText ? predictionText : predictionTable }, pages, onRows)
    progress.clear()
    stdout.write(`${path}: ${nRows} predictions\n`)
    return DONE
  },
})
