/** Feature values of bars, as they are answered. */
export interface FeatureTable {
  readonly names: readonly string[]
  readonly nRows: number
  /** In the order of the answer. */
  readonly blocks: readonly FeatureBlock[]
}

export interface FeatureBlock {
  /** Open time of each row's bar, epoch milliseconds. */
  readonly openTimeMs: readonly number[]
  /** Row-major [openTimeMs.length × names.length], float64, missing = NaN. */
  readonly values: Float64Array
}
