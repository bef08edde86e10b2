import type { Frame } from '../candles/frame.js'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { Problem } from '../errors.js'
import type { Store } from '../store/store.js'
import type { Series } from '../store/series.js'
import { type Bars } from './bars.js'
import { checkTimes, chooseBars, missingBar, type Piece } from './choose-bars.js'

export interface StoredBars {
  readonly candles: Store['candles']
  readonly series: Series
  readonly bars: Bars
  /** Bars of the longest window. */
  readonly windowBars: number
  /** Throws when so many bars are too many. */
  readonly refuse: (nBars: number) => void
  readonly nowMs: number
}

export interface StoredPieces {
  /** At least one, oldest first, each with one bar or more and the candles of its windows; read one by one, when it is asked for. */
  readonly pieces: AsyncIterable<Piece> | readonly Piece[]
  /** Open time of the oldest candle of the series. */
  readonly oldestMs: number
}

/**
 * Stored candles for the bars that are asked for, with the windows before them.
 * @throws Problem `not-enough-history` when there are none; what `refuse` throws
 */
export async function readStoredPieces(asked: StoredBars): Promise<StoredPieces> {
  const { candles, series, bars, windowBars, refuse, nowMs } = asked
  const timeframe = series.timeframe as Timeframe
  const durMs = durationMs(timeframe)
  const extent = await candles.extent(series)
  if (extent === undefined) throw nothingStored(series, windowBars)
  const read = (fromMs: number, toMs: number): Promise<Frame> => candles.read(series, fromMs - (windowBars - 1) * durMs, toMs)
  const oldestMs = extent.firstMs

  if (bars === 'last') {
    const frame = await read(extent.lastMs, extent.lastMs)
    return { pieces: [{ frame, bars: chooseBars(frame, 'last', timeframe, nowMs) }], oldestMs }
  }
  if ('times' in bars) {
    const times = checkTimes(bars.times, timeframe, nowMs)
    refuse(times.length)
    const outside = times.find((ms) => ms < extent.firstMs || ms > extent.lastMs)
    if (outside !== undefined) throw missingBar(outside, timeframe, extent)
    return { pieces: near(times, 2 * windowBars * durMs, read, extent, timeframe), oldestMs }
  }
  const fromMs = Math.max(Math.ceil((bars.fromMs ?? -Infinity) / durMs) * durMs, extent.firstMs)
  const toMs = Math.min(Math.floor((bars.toMs ?? Infinity) / durMs) * durMs, extent.lastMs)
  refuse((toMs - fromMs) / durMs + 1)
  const frame = fromMs > toMs ? undefined : await read(fromMs, toMs)
  const found = frame === undefined ? undefined : chooseBars(frame, { fromMs, toMs }, timeframe, nowMs)
  if (frame === undefined || found === undefined || found.length === 0) throw nothingInRange(series, windowBars, extent)
  return { pieces: [{ frame, bars: found }], oldestMs }
}

/** One piece for times whose windows lie close together, so that times far apart do not read everything between. */
async function* near(
  times: readonly number[],
  closeMs: number,
  read: (fromMs: number, toMs: number) => Promise<Frame>,
  extent: { firstMs: number; lastMs: number },
  timeframe: Timeframe,
): AsyncIterable<Piece> {
  for (let from = 0, to = 1; from < times.length; from = to++) {
    while (to < times.length && times[to]! - times[to - 1]! <= closeMs && to - from < mostAtOnce) to++
    const frame = await read(times[from]!, times[to - 1]!)
    const bars = new Int32Array(to - from)
    for (let k = from, bar = 0; k < to; k++) {
      while (bar < frame.nBars && frame.openTimeMs[bar]! < times[k]!) bar++
      if (frame.openTimeMs[bar] !== times[k]) throw missingBar(times[k]!, timeframe, extent)
      bars[k - from] = bar
    }
    yield { frame, bars }
  }
}

/** Times per piece: 256 that are two windows apart are a frame of 18 MB. */
const mostAtOnce = 256

function nothingStored({ symbol, timeframe }: Series, windowBars: number): Problem {
  const how = `send ${windowBars} of them as candles, or store them first (POST /candles, barcast import candles)`
  return new Problem('not-enough-history', `no ${timeframe} candles of ${symbol} are stored; ${how}`, {
    bars_given: 0,
    bars_needed: windowBars,
    needed_from: null,
  })
}

function nothingInRange(
  { symbol, timeframe }: Series,
  windowBars: number,
  { firstMs, lastMs }: { firstMs: number; lastMs: number },
): Problem {
  const there = `stored are those from ${new Date(firstMs).toISOString()} to ${new Date(lastMs).toISOString()}`
  return new Problem('not-enough-history', `no ${timeframe} candle of ${symbol} is stored in the range that is asked for; ${there}`, {
    bars_given: 0,
    bars_needed: windowBars,
    needed_from: null,
  })
}
