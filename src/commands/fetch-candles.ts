import type { Series } from '../store/series.js'
import type { CandlePage } from '../stored-candles/schema.js'
import type { Client } from './client.js'
import { type Range, rangeQuery } from './read-range.js'

export interface Candle {
  /** ISO 8601. */
  readonly timestamp: string
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

export interface Fetching {
  readonly client: Client
  readonly series: Series
  readonly range: Range
  readonly signal: AbortSignal
}

/** About 500 kB of JSON. */
const mostBars = 5_000

/** Stored bars of a series by GET /candles, page by page, oldest first. */
export async function* fetchCandles({ client, series, range, signal }: Fetching): AsyncGenerator<readonly Candle[]> {
  const { symbol, timeframe } = series
  let cursor: string | undefined
  do {
    signal.throwIfAborted()
    const answer = await client.request('GET', '/candles', { query: { symbol, timeframe, ...rangeQuery(range), limit: mostBars, cursor } })
    const { candles, next_cursor } = await answer.json<CandlePage>()
    const { timestamp, open, high, low, close, volume } = candles
    yield timestamp.map((time, bar) => {
      return { timestamp: time, open: open[bar]!, high: high[bar]!, low: low[bar]!, close: close[bar]!, volume: volume[bar]! }
    })
    cursor = next_cursor ?? undefined
  } while (cursor !== undefined)
}
