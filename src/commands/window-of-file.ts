import { checkFrame } from '../candles/check.js'
import { columns } from '../candles/column.js'
import type { Timeframe } from '../candles/timeframe.js'
import type { Config } from '../config.js'
import { Problem } from '../errors.js'
import { InputError } from './input-error.js'
import { refuseOwnDatabase } from './refuse-own-database.js'
import { selectBars } from './select-bars.js'
import { readCandles } from './tables/read-candles.js'

export interface FileWindow {
  /** Undefined: there is no file, the stored candles are used. */
  readonly path: string | undefined
  readonly table: string | undefined
  readonly config: Config
  readonly timeframe: Timeframe
  /** Open time of the last bar, epoch milliseconds; undefined: the newest closed one of the file. */
  readonly barMs: number | undefined
  /** How many bars are needed. */
  readonly bars: number
  readonly nowMs: () => number
}

/**
 * The newest bars of a file up to one of them, as columns of a request.
 * @throws InputError for a file that cannot be used
 */
export async function windowOfFile(asked: FileWindow): Promise<Record<string, number[]> | undefined> {
  const { path, table, config, timeframe, barMs = Infinity, bars, nowMs } = asked
  if (path === undefined) return undefined
  await refuseOwnDatabase(path, config)
  const submission = selectBars(await readCandles({ path, table }), { fromMs: -Infinity, toMs: barMs })
  try {
    const { frame } = checkFrame(submission, timeframe, nowMs())
    const from = Math.max(0, frame.nBars - bars)
    return Object.fromEntries(
      columns.map((column) => [column, Array.from((column === 'timestamp' ? frame.openTimeMs : frame[column]).subarray(from))]),
    )
  } catch (error) {
    if (error instanceof Problem) throw new InputError(`${path}: ${error.message}`, { cause: error })
    throw error
  }
}
