import type { Prediction } from '../predictions/schema.js'
import { type FeatureItem, featureValue } from './feature-items.js'
import type { TableColumn, TableLayout } from './tables/table-writer.js'

/** One row: `timestamp`, then every feature. */
export function featureLayout(names: readonly string[], kind: 'csv' | 'parquet'): TableLayout<FeatureItem> {
  const features = names.map((name) => ({ name, type: 'DOUBLE' as const, of: (item: FeatureItem) => featureValue(item, name) }))
  return { name: 'features', columns: [stamp('timestamp', kind, ({ timestamp }) => Date.parse(timestamp)), ...features] }
}

export interface PredictionItem {
  readonly prediction: Prediction
  /** When the command ran, epoch milliseconds. */
  readonly runMs: number
}

/** One row: `timestamp`, `y_pred` (a list for models of several classes), `model_run`, `run_ts`. */
export function predictionLayout({ prediction: { y_pred } }: PredictionItem, kind: 'csv' | 'parquet'): TableLayout<PredictionItem> {
  return {
    name: 'prediction',
    columns: [
      stamp('timestamp', kind, ({ prediction }) => Date.parse(prediction.bar_time)),
      { name: 'y_pred', type: Array.isArray(y_pred) ? 'DOUBLE[]' : 'DOUBLE', of: ({ prediction }) => prediction.y_pred },
      { name: 'model_run', type: 'VARCHAR', of: ({ prediction }) => prediction.model.name },
      stamp('run_ts', kind, ({ runMs }) => runMs),
    ],
  }
}

/** In CSV as pandas writes stamps without a zone, so that a notebook can join on them: `YYYY-MM-DD HH:MM:SS`, UTC. */
function stamp<Item>(name: string, kind: 'csv' | 'parquet', of: (item: Item) => number): TableColumn<Item> {
  if (kind === 'parquet') return { name, type: 'TIMESTAMP', of }
  return { name, type: 'VARCHAR', of: (item) => new Date(of(item)).toISOString().slice(0, 19).replace('T', ' ') }
}
