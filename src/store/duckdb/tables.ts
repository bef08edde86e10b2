import type { DuckDBConnection } from '@duckdb/node-api'
import type { StoredPrediction } from '../store.js'
import { candleColumns } from './candle-columns.js'
import type { CandleRow } from './candle-columns.js'
import { columns } from './columns.js'
import { featureColumns, featureNamesColumns } from './feature-columns.js'
import type { FeatureNames, FeatureRow } from './feature-columns.js'
import { createInserter } from './insert.js'
import type { Inserter } from './insert.js'
import { createSuperseder } from './supersede.js'
import type { Superseder } from './supersede.js'

/** The ways to write into the tables, all on one connection. */
export interface Tables {
  readonly connection: DuckDBConnection
  readonly predictions: Inserter<StoredPrediction>
  readonly candles: Inserter<CandleRow>
  readonly featureRows: Inserter<FeatureRow>
  readonly featureNames: Inserter<FeatureNames>
  readonly superseder: Superseder
  close(): void
}

export async function openTables(connection: DuckDBConnection): Promise<Tables> {
  const predictions = createInserter(connection, 'predictions', columns)
  const candles = createInserter(connection, 'candles', candleColumns)
  const featureRows = createInserter(connection, 'feature_rows', featureColumns)
  const featureNames = createInserter(connection, 'feature_names', featureNamesColumns)
  const superseder = await createSuperseder(connection)
  return { connection, predictions, candles, featureRows, featureNames, superseder, close }

  function close(): void {
    for (const inserter of [predictions, candles, featureRows, featureNames]) inserter.close()
    superseder.close()
  }
}
