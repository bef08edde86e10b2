import type { Frame } from '../candles/frame.js'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { CandleStore } from '../store/candle-store.js'
import type { Series } from '../store/series.js'

export interface BarsQuery extends Series {
  /** Inclusive, epoch milliseconds of the bar's open. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly order: 'asc' | 'desc'
  readonly limit: number
  /** Only bars after this open time, in the order. */
  readonly afterMs?: number | undefined
}

/** Columns of bars, in the order asked for. */
export type Bars = Omit<Frame, 'nBars'>

/** At most `limit` current bars of a series. A store is asked for spans of time, so that a small page reads little of a long series. */
export async function readBars(candles: Pick<CandleStore, 'read' | 'extent'>, query: BarsQuery): Promise<Bars> {
  const { symbol, timeframe, fromMs = -Infinity, toMs = Infinity, order, limit, afterMs } = query
  const series = { symbol, timeframe }
  const extent = await candles.extent(series)
  if (extent === undefined) return joined([])
  const barMs = durationMs(timeframe as Timeframe)
  const isAsc = order === 'asc'
  let first = Math.max(extent.firstMs, fromMs, isAsc && afterMs !== undefined ? afterMs + 1 : -Infinity)
  let last = Math.min(extent.lastMs, toMs, !isAsc && afterMs !== undefined ? afterMs - 1 : Infinity)

  const frames: Frame[] = []
  let nBars = 0
  // Where bars are missing the next span is twice as long: a gap of years takes a few looks.
  for (let spanMs = limit * barMs; nBars < limit && first <= last; spanMs *= 2) {
    const frame = isAsc
      ? await candles.read(series, first, Math.min(last, first + spanMs - 1))
      : await candles.read(series, Math.max(first, last - spanMs + 1), last)
    frames.push(frame)
    nBars += frame.nBars
    if (isAsc) first += spanMs
    else last -= spanMs
  }
  return joined(isAsc ? frames : frames.map(reversed), limit)
}

function joined(frames: readonly Bars[], limit = 0): Bars {
  const join = (column: keyof Bars) => {
    const parts = frames.map((frame) => frame[column])
    const values = new Float64Array(
      Math.min(
        limit,
        parts.reduce((length, part) => length + part.length, 0),
      ),
    )
    let at = 0
    for (const part of parts) {
      values.set(part.subarray(0, values.length - at), at)
      at += Math.min(part.length, values.length - at)
    }
    return values
  }
  return {
    openTimeMs: join('openTimeMs'),
    open: join('open'),
    high: join('high'),
    low: join('low'),
    close: join('close'),
    volume: join('volume'),
  }
}

function reversed({ openTimeMs, open, high, low, close, volume }: Bars): Bars {
  return {
    openTimeMs: openTimeMs.slice().reverse(),
    open: open.slice().reverse(),
    high: high.slice().reverse(),
    low: low.slice().reverse(),
    close: close.slice().reverse(),
    volume: volume.slice().reverse(),
  }
}
