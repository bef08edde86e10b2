import type { Bar } from '../candle-store.js'
import type { Series } from '../series.js'
import { columnsOf } from './column.js'
import type { Column } from './column.js'

/** A row of the table `candles`. */
export interface CandleRow extends Series, Bar {
  readonly openTimeMs: number
  readonly recordedAtMs: number
  readonly revision: number
  readonly replaces: number | null
}

const column = columnsOf<CandleRow>()

/** The table `candles`. Times are UTC without a zone. */
export const candleColumns: readonly Column<CandleRow>[] = [
  column('symbol', 'text', 'symbol', 'what the candles are of, e.g. BTCUSDT'),
  column('timeframe', 'text', 'timeframe', 'length of a bar, e.g. 1h'),
  column('open_time', 'time', 'openTimeMs', 'when the bar opened'),
  column('open', 'number', 'open', 'first price'),
  column('high', 'number', 'high', 'highest price'),
  column('low', 'number', 'low', 'lowest price'),
  column('close', 'number', 'close', 'last price'),
  column('volume', 'number', 'volume', 'how much was traded'),
  column('recorded_at', 'time', 'recordedAtMs', 'when these values came'),
  column('revision', 'whole', 'revision', 'number of the commit that brought these values'),
  column('replaces', 'optionalWhole', 'replaces', 'revision of the row whose values these replaced; null: the bar was not known'),
]
