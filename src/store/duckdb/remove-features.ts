import { LIST, listValue, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { timestamp } from './column-kinds.js'
import { featurePlaceKey } from './stage-features.js'
import type { FeaturePlace } from './stage-features.js'

/** Takes rows out of `feature_rows`, by their places. */
export async function removeFeatures(writer: DuckDBConnection, rows: readonly FeaturePlace[]): Promise<void> {
  const times = rows.map(({ barTimeMs }) => barTimeMs).sort((a, b) => a - b)
  await writer.run(
    `DELETE FROM feature_rows
     WHERE bar_time BETWEEN $1 AND $2
       AND list_contains($3, feature_key || chr(10) || symbol || chr(10) || timeframe || chr(10) || epoch_ms(bar_time))`,
    [timestamp(times[0] as number), timestamp(times.at(-1) as number), listValue(rows.map(featurePlaceKey))],
    [TIMESTAMP, TIMESTAMP, LIST(VARCHAR)],
  )
}
