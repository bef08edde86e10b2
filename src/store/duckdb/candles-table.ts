import { candleColumns } from './candle-columns.js'
import { comment, createTable } from './table.js'

/** Candles: rows are added and never changed; a row that no other one replaces is the current one of its bar. */
export const candlesTable: readonly string[] = [
  ...createTable({
    name: 'candles',
    meaning: 'closed bars; one that came again with other values has several rows, of which the one with the highest revision is current',
    columns: candleColumns,
  }),
  `CREATE VIEW current_candles AS
   SELECT c.symbol, c.timeframe, c.open_time, c.open, c.high, c.low, c.close, c.volume, c.recorded_at, c.revision
   FROM candles c ANTI JOIN (SELECT symbol, timeframe, open_time, replaces FROM candles WHERE replaces IS NOT NULL) newer
   ON newer.symbol = c.symbol AND newer.timeframe = c.timeframe AND newer.open_time = c.open_time AND newer.replaces = c.revision`,
  comment('VIEW', 'current_candles', 'one row per bar: the values that came last'),
]
