import { DONE } from '../exit-codes.js'
import { readTimeframe } from './read-timeframe.js'
import type { Client } from './client.js'
import { defineCommand } from './command.js'
import { aboutOut, exportOptions } from './export-options.js'
import { InputError } from './input-error.js'
import { createProgress } from './progress.js'
import { readRange } from './read-range.js'
import { refuseOwnDatabase } from './refuse-own-database.js'
import { type Candle, fetchCandles } from './fetch-candles.js'
import type { CoverageAnswer } from '../stored-candles/schema.js'
import type { TableLayout } from './tables/table-writer.js'
import { writeTable } from './tables/write-table.js'

export const exportCandles = defineCommand({
  name: 'export candles',
  summary: 'Writes stored candles of one series into a file',
  usage: 'OUT [--symbol NAME] [--timeframe 1h] [--from TIME] [--to TIME] [--force]',
  about: `${aboutOut}\nSymbol and timeframe may be left out when one series is stored. \`import candles\` reads the file back to the same bits.`,
  operands: ['OUT'],
  options: exportOptions,
  async run({ args, values, connect, config, stdout, stderr, isTerminal, signal, nowMs }) {
    const [path] = args as [string]
    const { symbol, force = false } = values
    const timeframe = values.timeframe === undefined ? undefined : readTimeframe(values.timeframe)
    const range = readRange(values)
    await refuseOwnDatabase(path, config)
    const client = await connect()
    const series = await findSeries(client, { symbol, timeframe })
    const total = Number.isFinite(range.fromMs) || Number.isFinite(range.toMs) ? undefined : series.bars
    const progress = createProgress({ stderr, isTerminal, nowMs })
    const pages = fetchCandles({ client, series, range, signal })
    const nRows = await writeTable({ path, force, layout: candleLayout }, pages, (done) => progress.show(done, total, 'bars'))
    progress.clear()
    stdout.write(`${path}: ${nRows} bars of ${series.symbol} ${series.timeframe}\n`)
    return DONE
  },
})

const candleLayout: TableLayout<Candle> = {
  name: 'candles',
  columns: [
    { name: 'timestamp', type: 'TIMESTAMP', of: ({ timestamp }) => Date.parse(timestamp) },
    { name: 'open', type: 'DOUBLE', of: ({ open }) => open },
    { name: 'high', type: 'DOUBLE', of: ({ high }) => high },
    { name: 'low', type: 'DOUBLE', of: ({ low }) => low },
    { name: 'close', type: 'DOUBLE', of: ({ close }) => close },
    { name: 'volume', type: 'DOUBLE', of: ({ volume }) => volume },
  ],
}

type StoredSeries = CoverageAnswer['coverage'][number]

async function findSeries(client: Client, query: { symbol: string | undefined; timeframe: string | undefined }): Promise<StoredSeries> {
  const answer = await client.request('GET', '/candles/coverage', { query })
  const { coverage: series } = await answer.json<CoverageAnswer>()
  if (series.length === 1) return series[0]!
  if (series.length === 0) throw new InputError(`no such candles are stored in ${client.target}`)
  const written = series.slice(0, 10).map(({ symbol, timeframe }) => `${symbol} ${timeframe}`)
  throw new InputError(
    `${series.length} series are stored; --symbol and --timeframe name one: ${written.join(', ')}${series.length > 10 ? ', …' : ''}`,
  )
}
