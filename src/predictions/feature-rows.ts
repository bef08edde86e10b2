/** Names of submitted columns, each once. The same text gives the same object again, so that what was found out about it can be kept. */
export interface FeatureColumns {
  readonly names: readonly string[]
}

/** Feature values that a client sent instead of candles. */
export interface FeatureRows {
  readonly columns: FeatureColumns
  readonly nRows: number
  /** Row-major [nRows × columns], float64, missing = NaN; ±∞ possible. */
  readonly values: Float64Array
  /** Open time of each row's bar, epoch milliseconds, in the order of the body. */
  readonly openTimeMs: Float64Array
}
