import { firstBarFrom } from '../candles/first-bar-from.js'
import type { Frame } from '../candles/frame.js'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { invalidAt, Problem } from '../errors.js'
import { iso } from '../iso.js'
import { type Bars, maxPerRequest } from './bars.js'
import { offGrid } from './off-grid.js'

/** A piece of a series and the bars in it that are asked for. */
export interface Piece {
  readonly frame: Frame
  /** Indices in `frame`, rising. */
  readonly bars: Int32Array
}

/**
 * The bars that a request means, of a frame that holds all candles there are.
 * @returns indices in the frame, rising; empty only when the frame, or the range of it, holds no bar
 * @throws Problem `gap` or `not-enough-history` when a bar that is named is not there; what `checkTimes` throws
 */
export function chooseBars(frame: Frame, bars: Bars, timeframe: Timeframe, nowMs: number): Int32Array {
  if (bars === 'last') return frame.nBars === 0 ? new Int32Array(0) : Int32Array.of(frame.nBars - 1)
  if ('times' in bars) {
    const times = checkTimes(bars.times, timeframe, nowMs)
    return Int32Array.from(times, (ms) => indexOf(frame, ms) ?? refuseMissing(frame, ms, timeframe))
  }
  const from = bars.fromMs === undefined ? 0 : firstBarFrom(frame.openTimeMs, bars.fromMs)
  const to = bars.toMs === undefined ? frame.nBars : firstBarFrom(frame.openTimeMs, Math.floor(bars.toMs) + 1)
  return Int32Array.from({ length: Math.max(0, to - from) }, (_, k) => from + k)
}

/**
 * Open times that were named, rising, each once.
 * @throws Problem `invalid-request` for one off the grid or of a bar that is still open
 */
export function checkTimes(times: readonly number[], timeframe: Timeframe, nowMs: number): number[] {
  const durMs = durationMs(timeframe)
  times.forEach((ms, index) => {
    if (ms % durMs !== 0) throw offGrid(`/bars/${index}`, ms, timeframe)
    if (ms + durMs > nowMs) throw invalidAt(`/bars/${index}`, `the bar of ${iso(ms)} has not closed yet, it closes at ${iso(ms + durMs)}`)
  })
  return [...new Set(times)].sort((a, b) => a - b)
}

/** @throws Problem `invalid-request` when bars times models are more than one request may ask for */
export function refuseTooMany(nBars: number, nModels: number): void {
  if (nBars * nModels <= maxPerRequest) return
  const of = nModels === 1 ? `${nBars} bars` : `${nBars} bars of ${nModels} models`
  const hint = 'send several requests, or make a backfill of it'
  throw invalidAt('/bars', `${of} are asked for, at most ${maxPerRequest} predictions are made per request; ${hint}`, {
    most: maxPerRequest,
  })
}

function indexOf(frame: Frame, ms: number): number | undefined {
  const index = firstBarFrom(frame.openTimeMs, ms)
  return frame.openTimeMs[index] === ms ? index : undefined
}

function refuseMissing(frame: Frame, ms: number, timeframe: Timeframe): never {
  const first = frame.openTimeMs[0]
  const last = frame.openTimeMs[frame.nBars - 1]
  throw missingBar(ms, timeframe, first === undefined || last === undefined ? undefined : { firstMs: first, lastMs: last })
}

/** Why a bar cannot be answered that is not there itself; `extent`: of the candles that are, undefined when there are none. */
export function missingBar(ms: number, timeframe: Timeframe, extent: { firstMs: number; lastMs: number } | undefined): Problem {
  const barTime = iso(ms)
  if (extent !== undefined && ms > extent.firstMs && ms < extent.lastMs) {
    return new Problem('gap', `the ${timeframe} candle of ${barTime}, which is asked for, is missing itself`, {
      bar_time: barTime,
      missing_bars: 1,
      first_missing: [barTime],
    })
  }
  const there = extent === undefined ? 'there are none' : `there are those from ${iso(extent.firstMs)} to ${iso(extent.lastMs)}`
  return new Problem('not-enough-history', `there is no ${timeframe} candle of ${barTime}, which is asked for; ${there}`, {
    bar_time: barTime,
    bars_given: 0,
    needed_from: null,
  })
}

/** Why a range is refused that holds none of a frame's bars, of which there is at least one. */
export function noneInRange({ openTimeMs, nBars }: Frame): Problem {
  const there = `they are those from ${iso(openTimeMs[0]!)} to ${iso(openTimeMs[nBars - 1]!)}`
  return new Problem('not-enough-history', `none of the candles that were sent lies in the range that is asked for; ${there}`, {
    bars_given: 0,
    needed_from: null,
  })
}
