import { Problem } from '../errors.js'
import type { Column } from './column.js'
import type { Submission } from './submission.js'
import { durationMs, type Timeframe } from './timeframe.js'

/**
 * Refuses candles that cannot be true: an open time off the timeframe's grid, a value that is not finite, a price that is not
 * positive, a negative volume, a high below or a low above another price of the bar.
 * @throws Problem `bad-candle`, naming the first such bar in the order of the body
 */
export function refuseBadCandles(submission: Submission, timeframe: Timeframe): void {
  const { nBars, openTimeMs, open, high, low, close, volume } = submission
  const durMs = durationMs(timeframe)
  for (let bar = 0; bar < nBars; bar++) {
    const o = open[bar]!
    const h = high[bar]!
    const l = low[bar]!
    const c = close[bar]!
    const v = volume[bar]!
    // low > 0 and high < ∞ hold the other prices between them.
    const possible =
      l > 0 && l <= o && l <= c && o <= h && c <= h && h < Infinity && v >= 0 && v < Infinity && openTimeMs[bar]! % durMs === 0
    if (!possible) throw badCandle(submission, bar, timeframe)
  }
}

function badCandle(submission: Submission, bar: number, timeframe: Timeframe): Problem {
  const { column, why } = explain(submission, bar, timeframe)
  const value = column === 'timestamp' ? submission.openTimeMs[bar]! : submission[column][bar]!
  const pointer = submission.pointer(bar, column)
  const openTime = new Date(submission.openTimeMs[bar]!).toISOString()
  return new Problem('bad-candle', `the candle of ${openTime}: ${why} (at ${pointer})`, {
    errors: [{ pointer, detail: why }],
    open_time: openTime,
    column,
    value: Number.isFinite(value) ? value : String(value),
  })
}

function explain(submission: Submission, bar: number, timeframe: Timeframe): { column: Column; why: string } {
  const openTimeMs = submission.openTimeMs[bar]!
  const durMs = durationMs(timeframe)
  if (openTimeMs % durMs !== 0) {
    const onGrid = Math.floor(openTimeMs / durMs) * durMs
    // Times keep fractions of a millisecond down to some 250 ns; what is left of them is shown, rounded to 1 µs.
    const past = Number((openTimeMs - onGrid).toFixed(3))
    const why = `the open time ${openTimeMs} is not on the grid of ${timeframe} candles, it is ${past} ms past ${new Date(onGrid).toISOString()}`
    return { column: 'timestamp', why }
  }
  for (const column of ['open', 'high', 'low', 'close', 'volume'] as const) {
    const value = submission[column][bar]!
    if (!Number.isFinite(value)) return { column, why: `${column} ${value} is not finite` }
    if (column === 'volume' ? value < 0 : value <= 0) {
      return { column, why: `${column} ${value} is ${column === 'volume' ? 'negative' : 'not above 0'}` }
    }
  }
  const high = submission.high[bar]!
  const low = submission.low[bar]!
  if (high < low) return { column: 'high', why: `high ${high} is below low ${low}` }
  for (const column of ['open', 'close'] as const) {
    const value = submission[column][bar]!
    if (high < value) return { column: 'high', why: `high ${high} is below ${column} ${value}` }
    if (low > value) return { column: 'low', why: `low ${low} is above ${column} ${value}` }
  }
  return { column: 'timestamp', why: 'the candle is not possible' }
}
