import type { StoredPrediction } from '../store.js'
import { columnsOf } from './column.js'
import type { Column } from './column.js'

const column = columnsOf<StoredPrediction>()

/** The table `predictions`, in the order in which people want to read it. Times are UTC without a zone. */
export const columns: readonly Column<StoredPrediction>[] = [
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
  column(
    'revision',
    'whole',
    'revision',
    'number of the commit that brought the row; the candles that it used are those that were current then',
  ),
  column('quantile', 'optionalNumber', 'quantile', 'the quantile that the model predicts, between 0 and 1; null: none'),
  column('thresholds', 'numbers', 'thresholds', 'bounds between classes, rising; empty: the model has none'),
  column(
    'source',
    'text',
    'source',
    "what the features came from: candles, features that were sent ready, or predictions of an ensemble's members",
  ),
  column(
    'details',
    'optionalText',
    'details',
    'JSON: how an ensemble came to its value, and the signal of a model that gives one; null: neither',
  ),
]

/** How many of the columns files of schema version 1 have. The others came with version 2. */
export const nColumnsOfVersion1 = 30
