import type { Prediction } from '../predictions/schema.js'
import type { TableColumn, TableLayout } from './tables/table-writer.js'

type Column = TableColumn<Prediction>

const text = (name: string, of: Column['of']): Column => ({ name, type: 'VARCHAR', of })
const time = (name: string, of: (prediction: Prediction) => string | null): Column => ({
  name,
  type: 'TIMESTAMP',
  of: (prediction) => {
    const written = of(prediction)
    return written === null ? null : Date.parse(written)
  },
})
const known = ({ outcome }: Prediction) => (outcome.status === 'pending' ? undefined : outcome)
const single = (score: Prediction['y_pred']) => (Array.isArray(score) ? null : score)
const several = (score: Prediction['y_pred']) => (Array.isArray(score) ? score : null)

/** The columns of GET /predictions as CSV. */
export const predictionText: TableLayout<Prediction> = {
  name: 'predictions',
  columns: [
    text('id', ({ id }) => id),
    text('symbol', ({ symbol }) => symbol),
    text('timeframe', ({ timeframe }) => timeframe),
    time('bar_time', ({ bar_time }) => bar_time),
    text('model', ({ model }) => model.name),
    text('version', ({ model }) => model.version),
    { name: 'y_raw', type: 'DOUBLE', of: ({ y_raw }) => y_raw },
    { name: 'y_pred', type: 'DOUBLE', of: ({ y_pred }) => y_pred },
    text('output', ({ output }) => output),
    { name: 'horizon_bars', type: 'INTEGER', of: ({ horizon_bars }) => horizon_bars },
    text('origin', ({ origin }) => origin),
    time('created_at', ({ created_at }) => created_at),
    text('outcome_status', ({ outcome }) => outcome.status),
  ],
}

/** The columns of GET /predictions as Parquet: a model of several classes has its numbers in lists. */
export const predictionTable: TableLayout<Prediction> = {
  name: 'predictions',
  columns: [
    text('id', ({ id }) => id),
    text('symbol', ({ symbol }) => symbol),
    text('timeframe', ({ timeframe }) => timeframe),
    time('bar_time', ({ bar_time }) => bar_time),
    time('bar_close_time', ({ bar_close_time }) => bar_close_time),
    text('model', ({ model }) => model.name),
    text('version', ({ model }) => model.version),
    text('model_sha256', ({ model }) => model.sha256),
    { name: 'y_raw', type: 'DOUBLE', of: ({ y_raw }) => single(y_raw) },
    { name: 'y_pred', type: 'DOUBLE', of: ({ y_pred }) => single(y_pred) },
    { name: 'y_raw_classes', type: 'DOUBLE[]', of: ({ y_raw }) => several(y_raw) },
    { name: 'y_pred_classes', type: 'DOUBLE[]', of: ({ y_pred }) => several(y_pred) },
    text('output', ({ output }) => output),
    { name: 'horizon_bars', type: 'INTEGER', of: ({ horizon_bars }) => horizon_bars },
    time('settles_at', ({ settles_at }) => settles_at),
    text('catalogue', ({ features }) => features.catalogue),
    { name: 'catalogue_version', type: 'INTEGER', of: ({ features }) => features.version },
    text('scorer_version', ({ scorer_version }) => scorer_version),
    text('features_hash', ({ features }) => features.hash),
    { name: 'features_nan', type: 'VARCHAR[]', of: ({ features }) => features.nan },
    { name: 'features_outside', type: 'VARCHAR[]', of: ({ features }) => features.outside_training_range },
    text('input_source', ({ input }) => input.source),
    text('input_hash', ({ input }) => input.hash),
    text('origin', ({ origin }) => origin),
    time('created_at', ({ created_at }) => created_at),
    text('supersedes', ({ supersedes }) => supersedes),
    text('superseded_by', ({ superseded_by }) => superseded_by),
    text('outcome_status', ({ outcome }) => outcome.status),
    { name: 'realised', type: 'DOUBLE', of: (prediction) => known(prediction)?.realised ?? null },
    { name: 'error', type: 'DOUBLE', of: (prediction) => known(prediction)?.error ?? null },
    { name: 'hit', type: 'BOOLEAN', of: (prediction) => known(prediction)?.hit ?? null },
    { name: 'covered', type: 'BOOLEAN', of: (prediction) => known(prediction)?.covered ?? null },
    { name: 'realised_class', type: 'INTEGER', of: (prediction) => known(prediction)?.realised_class ?? null },
    { name: 'drawdown', type: 'DOUBLE', of: (prediction) => known(prediction)?.drawdown ?? null },
    time('settled_at', (prediction) => known(prediction)?.settled_at ?? null),
    text('scorer_family', ({ scorer }) => scorer.family),
    text('scorer_precision', ({ scorer }) => scorer.precision),
    text('signal', ({ details }) => (details?.signal as { readonly direction: string } | null | undefined)?.direction ?? null),
    text('details', ({ details }) => (details === null ? null : JSON.stringify(details))),
  ],
}
