import type { Frame } from './frame.js'
import { orderBars } from './order-bars.js'
import { refuseBadCandles } from './refuse-bad-candles.js'
import type { Submission } from './submission.js'
import { durationMs, type Timeframe } from './timeframe.js'

export interface CheckedFrame {
  /** Empty when no bar has closed yet. May share memory with the submission. */
  readonly frame: Frame
  /** Bars that were sent. */
  readonly submitted: number
  /** Bars at the end that were still open at the server's clock. */
  readonly unfinishedDropped: number
}

/**
 * Makes a frame of what a client sent: every candle possible, sorted, doubled bars dropped, unfinished bars dropped from the end.
 * @param nowMs the server's clock, epoch milliseconds
 * @throws Problem `bad-candle` for the first candle, in the order of the body, that cannot be true
 * @throws Problem `conflicting-candle` for an open time that came twice with other values
 */
export function checkFrame(submission: Submission, timeframe: Timeframe, nowMs: number): CheckedFrame {
  const durMs = durationMs(timeframe)
  refuseBadCandles(submission, timeframe)
  const bars = orderBars(submission)
  let nBars = bars.nBars
  while (nBars > 0 && bars.openTimeMs[nBars - 1]! + durMs > nowMs) nBars--
  const volume = bars.volume.subarray(0, nBars)
  return {
    frame: {
      nBars,
      openTimeMs: bars.openTimeMs.subarray(0, nBars),
      open: bars.open.subarray(0, nBars),
      high: bars.high.subarray(0, nBars),
      low: bars.low.subarray(0, nBars),
      close: bars.close.subarray(0, nBars),
      volume: volume.some((value) => Object.is(value, -0)) ? volume.map((value) => value + 0) : volume,
    },
    submitted: submission.nBars,
    unfinishedDropped: bars.nBars - nBars,
  }
}
