import type { Frame } from '../candles/frame.js'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { isWindowWhole } from '../candles/window.js'
import { hashInput } from '../predictions/identity.js'
import type { Store, StoredPrediction } from '../store/store.js'

/** Revisions of a window that are undone in search of the right candles. */
const mostRevisions = 20

/**
 * The candles of a prediction's window, the predicted bar last: as they were when the prediction was stored; as they are now, when those are not
 * whole or not those that the prediction was made from (it came before candles were kept, or beside them); as they were before one of their last
 * revisions. The input hash proves which. A sentence when neither is whole.
 */
export async function findWindow(candles: Store['candles'], prediction: StoredPrediction): Promise<Frame | string> {
  const barMs = durationMs(prediction.timeframe as Timeframe)
  const windowBars = prediction.baseBars + prediction.bufferBars
  const firstMs = prediction.barTimeMs - (windowBars - 1) * barMs
  const { symbol, timeframe } = prediction
  const read = (asOf?: number) => candles.read({ symbol, timeframe }, firstMs, prediction.barTimeMs, asOf)
  const isWhole = (frame: Frame) =>
    frame.openTimeMs[frame.nBars - 1] === prediction.barTimeMs && isWindowWhole(frame, barMs, windowBars, frame.nBars - 1)
  const isRight = (frame: Frame) => isWhole(frame) && hashInput(frame, windowBars) === prediction.inputHash
  const then = await read(prediction.revision)
  if (isRight(then)) return then
  const now = await read()
  if (isRight(now)) return now
  const earlier = await beforeRevision()
  if (earlier !== undefined) return earlier
  if (isWhole(then)) return then
  const missing = windowBars - then.nBars
  const first = firstMissing(then, firstMs, barMs)
  return `${missing} of the ${windowBars} candles of its window are not stored, the first of them ${new Date(first).toISOString()}`

  /** A bar may have been revised between the moment when stored candles were read and the one when the prediction was stored. */
  async function beforeRevision(): Promise<Frame | undefined> {
    const revisions = await candles.revisions({ symbol, timeframe, fromMs: firstMs, toMs: prediction.barTimeMs, limit: mostRevisions })
    const numbers = new Set(revisions.flatMap(({ revision }) => (revision <= prediction.revision ? [revision - 1] : [])))
    for (const number of numbers) {
      const frame = await read(number)
      if (isRight(frame)) return frame
    }
    return undefined
  }
}

function firstMissing({ openTimeMs }: Frame, firstMs: number, barMs: number): number {
  const at = openTimeMs.findIndex((ms, bar) => ms !== firstMs + bar * barMs)
  return firstMs + (at === -1 ? openTimeMs.length : at) * barMs
}
