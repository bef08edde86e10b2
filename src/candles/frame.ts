/**
 * Candles of one symbol and one timeframe: columns of equal length, oldest first, strictly rising open times on the
 * timeframe's grid, every value finite, prices > 0, volume ≥ 0, all bars closed. Gaps are possible; who needs a whole
 * window asks for it. Never changed after it was made.
 */
export interface Frame {
  readonly nBars: number
  /** Open time of each bar, epoch milliseconds UTC, float64 (exact integers). */
  readonly openTimeMs: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}
