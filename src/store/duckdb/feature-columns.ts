import { columnsOf } from './column.js'
import type { Column } from './column.js'

/** A row of the table `feature_rows`. */
export interface FeatureRow {
  readonly featureKey: string
  readonly symbol: string
  readonly timeframe: string
  readonly barTimeMs: number
  readonly namesId: string
  /** Without a negative zero: see `negative-zeros.ts`. */
  readonly values: Float64Array
  readonly createdAtMs: number
  readonly revision: number
  readonly negativeZeros: readonly number[] | null
}

/** A row of the table `feature_names`. */
export interface FeatureNames {
  readonly namesId: string
  readonly names: readonly string[]
  readonly revision: number
}

const column = columnsOf<FeatureRow>()
const namesColumn = columnsOf<FeatureNames>()

/** The table `feature_rows`. Times are UTC without a zone. */
export const featureColumns: readonly Column<FeatureRow>[] = [
  column('feature_key', 'text', 'featureKey', 'names a snapshot: version of the features, source or purpose'),
  column('symbol', 'text', 'symbol', 'what the candles are of, e.g. BTCUSDT'),
  column('timeframe', 'text', 'timeframe', 'length of a bar, e.g. 1h'),
  column('bar_time', 'time', 'barTimeMs', 'open time of the bar that the values are of'),
  column('names_id', 'text', 'namesId', 'which list of feature_names names the values'),
  column('feature_values', 'numbers', 'values', 'the values; missing: nan'),
  column('created_at', 'time', 'createdAtMs', 'when they were computed'),
  column('revision', 'whole', 'revision', 'number of the commit that brought the row'),
  column('negative_zeros', 'optionalPlaces', 'negativeZeros', 'places, from 0, of the values that are -0.0; null: none'),
]

/** How many of them a file of schema version 2 has. */
export const nFeatureColumnsOfVersion2 = 8

/** The table `feature_names`. */
export const featureNamesColumns: readonly Column<FeatureNames>[] = [
  namesColumn('names_id', 'text', 'namesId', 'SHA-256 of the names, hex'),
  namesColumn('names', 'texts', 'names', 'names of the features, in the order of the values'),
  namesColumn('revision', 'whole', 'revision', 'number of the commit that brought the row'),
]
