import { durationMs } from '../../candles/timeframe.js'
import type { Timeframe } from '../../candles/timeframe.js'

/**
 * The current values of up to 256 neighbouring bars of a series: seven columns one after another, row-major [7 × 256], float64. The columns are
 * open, high, low, close, volume, the commit number of these values, and that of the values which they replaced (NaN: none). A bar that
 * is not stored has NaN everywhere. Never changed after it was made known to others.
 */
export type CandleBlock = Float64Array

export const barsPerBlock = 256
export const nValues = 5
/** Where the columns begin that hold no values. */
export const revisionAt = nValues * barsPerBlock
export const replacesAt = revisionAt + barsPerBlock
const length = replacesAt + barsPerBlock

/** A block in which no bar is stored. The same one for all: who changes blocks copies them first. */
export const emptyBlock: CandleBlock = new Float64Array(length).fill(NaN)

export function newBlock(): CandleBlock {
  return emptyBlock.slice()
}

/** Length of one block, milliseconds. Block k begins k times so long after the epoch. */
export function blockMs(timeframe: string): number {
  return barsPerBlock * durationMs(timeframe as Timeframe)
}
