import type { DuckDBAppender, DuckDBPreparedStatement, DuckDBValue } from '@duckdb/node-api'
import type { StoredPrediction } from '../store.js'
import { kinds } from './column-kinds.js'
import type { Values } from './column-kinds.js'

/** A row of the table: a prediction, and the number of the commit that brought it. */
export interface KeptRow extends StoredPrediction {
  readonly revision: number
}

/** One column of the table `predictions`: how it is declared, written and read. */
export interface Column {
  readonly name: string
  readonly sqlType: string
  /** For people who open the file; kept in it as the column's comment. */
  readonly meaning: string
  readonly isNull: (row: KeptRow) => boolean
  readonly bind: (statement: DuckDBPreparedStatement, index: number, row: KeptRow) => void
  readonly append: (appender: DuckDBAppender, row: KeptRow) => void
  /** Puts a cell that DuckDB returned into the row that is being built. */
  readonly read: (cell: DuckDBValue, row: Record<string, unknown>) => void
}

/** The table `predictions`, in the order in which people want to read it. Times are UTC without a zone. */
export const columns: readonly Column[] = [
  column('id', 'text', 'id', 'names the prediction: the same candles and model give the same id on every machine'),
  column('symbol', 'text', 'symbol', 'what the candles are of, e.g. BTCUSDT'),
  column('timeframe', 'text', 'timeframe', 'length of a bar, e.g. 1h'),
  column('bar_time', 'time', 'barTimeMs', 'open time of the bar that was predicted from'),
  column('model', 'text', 'model', 'name of the model'),
  column('model_version', 'text', 'modelVersion', 'version that the model states'),
  column('y_pred', 'numbers', 'yPred', 'the prediction: one number, or one per class'),
  column('y_raw', 'numbers', 'yRaw', 'raw score of the trees, before the output transform'),
  column('output', 'text', 'output', 'what y_pred means: log_return, return, probability_up, class_probabilities, score'),
  column('horizon_bars', 'integer', 'horizonBars', 'how many bars ahead the model looks'),
  column('origin', 'text', 'origin', 'live, late, backfill or catch-up: who stored it first'),
  column('created_at', 'time', 'createdAtMs', 'when it was computed'),
  column('supersedes', 'optionalText', 'supersedes', 'id of the older prediction that this one replaced; null: none'),
  column('superseded_by', 'optionalText', 'supersededBy', 'id of the newer prediction that replaced this one; null: this one is current'),
  column('model_sha256', 'text', 'modelSha256', 'SHA-256 of model.txt, hex'),
  column('scorer_version', 'text', 'scorerVersion', 'version of lightgbm-wasm that made the numbers'),
  column('catalogue', 'text', 'catalogue', 'feature catalogue'),
  column('catalogue_version', 'integer', 'catalogueVersion', 'version of the catalogue'),
  column('base_bars', 'integer', 'baseBars', 'lookback of the features, in bars'),
  column('buffer_bars', 'integer', 'bufferBars', 'bars before the lookback'),
  column('features_hash', 'text', 'featuresHash', 'SHA-256 of the feature row, hex'),
  column('features_nan', 'texts', 'featuresNan', 'features that were NaN although the training data had none there'),
  column('features_outside', 'texts', 'featuresOutside', 'features outside the range of the training data'),
  column('input_hash', 'text', 'inputHash', 'SHA-256 of the candles of the window, hex'),
  column('input_submitted', 'integer', 'inputSubmitted', 'how many bars were sent'),
  column('input_bars', 'integer', 'inputBars', 'how many of them the window holds'),
  column('input_first', 'time', 'inputFirstMs', "open time of the window's first bar"),
  column('input_last', 'time', 'inputLastMs', "open time of the window's last bar"),
  column('unfinished_dropped', 'integer', 'unfinishedDropped', 'bars that were still open and left out'),
  column('revision', 'whole', 'revision', 'number of the commit that brought the row; rises by one with every commit'),
]

type FieldOf<T> = { [F in keyof KeptRow]: KeptRow[F] extends T ? F : never }[keyof KeptRow]

function column<K extends keyof Values>(name: string, kind: K, field: FieldOf<Values[K]>, meaning: string): Column {
  const { sqlType, bind, append, read } = kinds[kind]
  const value = (row: KeptRow) => row[field] as Values[K]
  return {
    name,
    sqlType,
    meaning,
    isNull: (row) => row[field] === null,
    bind: (statement, index, row) => bind(statement, index, value(row)),
    append: (appender, row) => append(appender, value(row)),
    read: (cell, row) => {
      row[field] = read(cell)
    },
  }
}
