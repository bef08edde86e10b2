import type { Column } from './column.js'

/**
 * Candles as a client sent them: cells are numbers, nothing else is checked. Bars in the order of the body, so that
 * `pointer` can name the place of a cell in it. ±∞ is possible, NaN is not. Owned by whoever asked for the parsing.
 */
export interface Submission {
  /** At least 1. */
  readonly nBars: number
  /** Open time of each bar, epoch milliseconds UTC. */
  readonly openTimeMs: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
  /** Where a cell stands in the body: a JSON pointer such as `/candles/close/17`, or `line 19, column close` of a CSV. */
  pointer(bar: number, column: Column): string
}

/** The six columns of `nBars` bars, all zero, to be filled by a parser. */
export function allocateBars(nBars: number): Record<Column, Float64Array> {
  return {
    timestamp: new Float64Array(nBars),
    open: new Float64Array(nBars),
    high: new Float64Array(nBars),
    low: new Float64Array(nBars),
    close: new Float64Array(nBars),
    volume: new Float64Array(nBars),
  }
}

/** A submission of columns that a parser has filled. */
export function submit(cells: Record<Column, Float64Array>, pointer: Submission['pointer']): Submission {
  return {
    nBars: cells.timestamp.length,
    openTimeMs: cells.timestamp,
    open: cells.open,
    high: cells.high,
    low: cells.low,
    close: cells.close,
    volume: cells.volume,
    pointer,
  }
}
