import type { Frame } from '../../candles/frame.js'

/** One feature of a table catalogue, in the words of its documentation. */
export interface Row {
  readonly name: string
  /** Bars of the window below which the value is missing (NaN). */
  readonly minBars: number
  readonly unit: string
  readonly formula: string
}

/** Features that share their work. */
export interface Step {
  readonly rows: readonly Row[]
  /**
   * Computes the features of bar `last` from the bars `first … last` (a window without gaps).
   * @param out one value per row, in their order; a value below its row's `minBars` is not looked at
   */
  readonly run: (this: void, frame: Frame, first: number, last: number, out: Float64Array) => void
}
