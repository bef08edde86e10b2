import { timeframes } from '../candles/timeframe.js'
import type { Options } from './command.js'

/** Options of every export. */
export const exportOptions = {
  symbol: { type: 'string', value: 'NAME', about: 'only this market' },
  timeframe: { type: 'string', value: 'TIME', about: `only this length of one bar: ${timeframes.join(', ')}` },
  from: { type: 'string', value: 'TIME', about: 'oldest open time, inclusive' },
  to: { type: 'string', value: 'TIME', about: 'newest open time, inclusive' },
  force: { type: 'boolean', about: 'replace a file that is there' },
} as const satisfies Options

export const aboutOut =
  'OUT tells the format by its name: .csv, .csv.gz, .parquet (.pq), .ndjson (.jsonl), .duckdb (.ddb, .db). It appears when all of it is written.'
