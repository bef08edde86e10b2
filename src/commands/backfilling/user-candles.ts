import { checkFrame } from '../../candles/check.js'
import type { Frame } from '../../candles/frame.js'
import type { Timeframe } from '../../candles/timeframe.js'
import { Problem } from '../../errors.js'
import type { Series } from '../../store/series.js'
import { InputError } from '../input-error.js'
import { readCandles } from '../tables/read-candles.js'

export interface UserCandles {
  readonly path: string
  /** `ohlcv_btcusdt_1h` when it is not given. */
  readonly table: string | undefined
  readonly series: Series
  readonly nowMs: number
}

/**
 * The closed bars of a user's table.
 * @throws InputError for what cannot be read, and for candles that cannot be true
 */
export async function readUserCandles({ path, table = 'ohlcv_btcusdt_1h', series, nowMs }: UserCandles): Promise<Frame> {
  if (!/^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$/.test(table)) {
    throw new InputError(`--table ${JSON.stringify(table)} is no name of a table: letters, digits and _ are expected`)
  }
  const submission = await readCandles({ path, table })
  try {
    return checkFrame(submission, series.timeframe as Timeframe, nowMs).frame
  } catch (error) {
    if (error instanceof Problem) throw new InputError(`${path}: ${error.message}`, { cause: error })
    throw error
  }
}
