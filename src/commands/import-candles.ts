import { basename } from 'node:path'
import { checkFrame } from '../candles/check.js'
import type { Frame } from '../candles/frame.js'
import { timeframes } from '../candles/timeframe.js'
import { Problem } from '../errors.js'
import { DONE } from '../exit-codes.js'
import { guessTimeframe } from './guess-timeframe.js'
import { readTimeframe } from './read-timeframe.js'
import { symbolOfModels } from './symbol-of-models.js'
import { defineCommand } from './command.js'
import { describeImport } from './describe-import.js'
import { InputError } from './input-error.js'
import { createProgress } from './progress.js'
import { readRange } from './read-range.js'
import { refuseOwnDatabase } from './refuse-own-database.js'
import { sendCandles } from './send-candles.js'
import { readCandles } from './tables/read-candles.js'
import { selectBars } from './select-bars.js'

export const importCandles = defineCommand({
  name: 'import candles',
  summary: 'Stores the candles of a file',
  usage: 'FILE [--symbol NAME] [--timeframe 1h] [--table NAME] [--from TIME] [--to TIME]',
  about: `FILE is a CSV with a header (.csv, .txt, also .csv.gz), Parquet (.parquet, .pq) or a DuckDB file, which is only read.
Columns: timestamp, open, high, low, close, volume, in any case and order; time, open_time, date, ts, t and o, h, l, c, v mean the same;
when no column names the time, the first one is it; further columns are ignored. Times: epoch milliseconds, ISO 8601,
YYYY-MM-DD HH:MM:SS, stamps; without an offset UTC. Everything is checked before anything is stored. Bars that are stored already cost
nothing; with other values they become revisions.`,
  operands: ['FILE'],
  options: {
    symbol: { type: 'string', value: 'NAME', about: "market; default: the models' when they agree on one" },
    timeframe: { type: 'string', value: 'TIME', about: `length of one bar: ${timeframes.join(', ')}; default: the distance of the bars` },
    table: { type: 'string', value: 'NAME', about: 'table or view of a DuckDB file; default: the only one' },
    from: { type: 'string', value: 'TIME', about: 'oldest open time, inclusive' },
    to: { type: 'string', value: 'TIME', about: 'newest open time, inclusive' },
  },
  async run({ args, values, connect, config, stdout, stderr, isTerminal, signal, nowMs }) {
    const [path] = args as [string]
    const range = readRange(values)
    await refuseOwnDatabase(path, config)
    const submission = selectBars(await readCandles({ path, table: values.table }), range)
    const timeframe = values.timeframe === undefined ? guessTimeframe(submission.openTimeMs) : readTimeframe(values.timeframe)
    const { frame, unfinishedDropped } = check(path, () => checkFrame(submission, timeframe, nowMs()))
    const client = await connect({ creates: true, models: values.symbol === undefined })
    const series = { symbol: values.symbol ?? (await symbolOfModels(client)), timeframe }
    const progress = createProgress({ stderr, isTerminal, nowMs })
    const changes = await sendCandles({ client, series, frame, signal, onBars: (done) => progress.show(done, frame.nBars, 'bars') })
    progress.clear()
    const doubled = submission.nBars - frame.nBars - unfinishedDropped
    stdout.write(describeImport({ name: basename(path), series, frame, read: submission.nBars, doubled, unfinishedDropped, changes }))
    return DONE
  },
})

function check<T extends { frame: Frame }>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Problem) throw new InputError(`${path}: ${error.message}`, { cause: error })
    throw error
  }
}
