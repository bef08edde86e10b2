import { featureColumns, featureNamesColumns, nFeatureColumnsOfVersion2 } from './feature-columns.js'
import { comment, createTable } from './table.js'

/** As schema version 2 has them: feature rows, and the lists of names that they have in common. */
export const featuresTable: readonly string[] = [
  ...createTable({ name: 'feature_names', meaning: 'lists of feature names, each of them once', columns: featureNamesColumns }),
  ...createTable({
    name: 'feature_rows',
    meaning: 'feature values as they were used: one row per key, symbol, timeframe and bar',
    columns: featureColumns.slice(0, nFeatureColumnsOfVersion2),
  }),
  `CREATE VIEW features AS
   SELECT r.feature_key, r.symbol, r.timeframe, r.bar_time, n.names, r.feature_values, r.created_at, r.revision
   FROM feature_rows r JOIN feature_names n ON n.names_id = r.names_id`,
  comment('VIEW', 'features', 'the rows of feature_rows with their names'),
]
