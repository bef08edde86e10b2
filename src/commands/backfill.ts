import { timeframes } from '../candles/timeframe.js'
import { DONE } from '../exit-codes.js'
import { fillFromCandles } from './backfilling/fill-from-candles.js'
import { fillFromFeatures } from './backfilling/fill-from-features.js'
import { readWanted } from './backfilling/read-wanted.js'
import { resolveTarget } from './backfilling/resolve-target.js'
import { defineCommand } from './command.js'
import { InputError } from './input-error.js'
import { refuseOwnDatabase } from './refuse-own-database.js'

export const backfill = defineCommand({
  name: 'backfill',
  summary: 'Predicts closed bars that have no prediction yet',
  usage: `--model NAME [--mode last_from_predictions] [--end TIME] [--at-most N] [--dry-run]
--model NAME --mode window [--start TIME] [--end TIME] …
--model NAME --mode ts_list --ts TIME [--ts TIME …] [--ts-file FILE] …
--model NAME … --candles-db FILE.duckdb [--table NAME]
--model NAME … --features-db FILE.duckdb [--features-table NAME] [--feature-key KEY] [--candles-db FILE.duckdb [--table NAME]]`,
  about: `Predictions are made from stored candles, by the same code as POST /predict, and marked backfill; what is stored already stays as it is.
With --candles-db the bars of a DuckDB table (timestamp, open, high, low, close, volume) are stored first. With --features-db the values of
its table features (feature_key, ts, features as JSON, created_at; --features-table names another) are scored as they are, once every bar was found to have both candles and features.
The files are only read. Without --mode the bars after the newest prediction of the model are predicted; where there is none, the last 48.
One line per bar: OK, or SKIP with the reason. It may be interrupted at any time and run again.`,
  options: {
    model: { type: 'string', multiple: true, value: 'NAME', about: 'model to ask; may be given several times' },
    symbol: { type: 'string', value: 'NAME', about: "market; default: the models' when they agree on one" },
    timeframe: { type: 'string', value: 'TIME', about: `length of one bar: ${timeframes.join(', ')}; default: the models'` },
    mode: { type: 'string', value: 'MODE', about: 'window, last_from_predictions (default) or ts_list' },
    start: { type: 'string', value: 'TIME', about: 'window: oldest bar, inclusive; an offset is honoured, without one UTC' },
    end: { type: 'string', value: 'TIME', about: 'newest bar, inclusive; default and at most: the newest closed bar' },
    ts: { type: 'string', multiple: true, value: 'TIME', about: 'ts_list: open of a bar; may be given several times' },
    'ts-file': { type: 'string', value: 'FILE', about: 'ts_list: a file with one of them per line' },
    'at-most': { type: 'string', value: 'N', about: 'only the oldest N bars of each model; 0 or less: all' },
    'dry-run': { type: 'boolean', about: 'list the bars and do nothing' },
    'candles-db': { type: 'string', value: 'FILE', about: 'DuckDB file with candles' },
    table: { type: 'string', value: 'NAME', about: 'its table; default: ohlcv_btcusdt_1h' },
    'features-db': { type: 'string', value: 'FILE', about: 'DuckDB file with computed features' },
    'features-table': { type: 'string', value: 'NAME', about: 'its table; default: features' },
    'feature-key': { type: 'string', value: 'KEY', about: 'whose features; default: the newest of any key' },
    dataset: { type: 'string', value: 'NAME', about: 'a label for the output; predictions are told apart by symbol and timeframe' },
  },
  fields: { from: 'start', to: 'end', timestamps: 'ts', bars: 'ts' },
  async run(context) {
    const { values, config, connect } = context
    const { 'candles-db': candlesDb, 'features-db': featuresDb, 'features-table': featuresTable, 'feature-key': featureKey, table } = values
    if (table !== undefined && candlesDb === undefined) throw new InputError('--table goes with --candles-db')
    for (const [option, value] of Object.entries({ '--feature-key': featureKey, '--features-table': featuresTable })) {
      if (value !== undefined && featuresDb === undefined) throw new InputError(`${option} goes with --features-db`)
    }
    const wanted = await readWanted(context)
    for (const path of [candlesDb, featuresDb]) if (path !== undefined) await refuseOwnDatabase(path, config)

    const client = await connect({ models: true, creates: candlesDb !== undefined || featuresDb !== undefined })
    const target = await resolveTarget(client, values)
    const work = { context, client, target, wanted, candlesDb, table, dataset: values.dataset }
    if (featuresDb === undefined) await fillFromCandles(work)
    else return fillFromFeatures({ ...work, featuresDb, featuresTable, featureKey })
    return DONE
  },
})
