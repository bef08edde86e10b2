/** Feature values of one bar under a key, as they were used. */
export interface StoredFeatures {
  /** Free text that names a snapshot: version of the features, source or purpose. */
  readonly featureKey: string
  readonly symbol: string
  readonly timeframe: string
  readonly barTimeMs: number
  readonly names: readonly string[]
  /** float64, missing = NaN, in the order of `names`; ±∞ possible. */
  readonly values: Float64Array
  readonly createdAtMs: number
}

export interface FeatureQuery {
  readonly featureKey?: string
  readonly symbol?: string
  readonly timeframe?: string
  readonly fromMs?: number
  readonly toMs?: number
  readonly order: 'asc' | 'desc'
  readonly limit: number
  /** Only rows after this bar (in the order), for pages. */
  readonly afterMs?: number
}

/** Where feature rows stay: one current row per (key, symbol, timeframe, bar). A row with other names for the same place is merged into it: values of a name that is there are replaced. */
export interface FeatureStore {
  keep(rows: readonly StoredFeatures[]): Promise<void>
  list(query: FeatureQuery): Promise<readonly StoredFeatures[]>
  /** Every key with its series: how many bars, first and last. */
  keys(): Promise<readonly { featureKey: string; symbol: string; timeframe: string; nBars: number; firstMs: number; lastMs: number }[]>
}
