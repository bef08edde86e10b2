import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { type ParquetColumn, toParquet } from '../http/to-parquet.js'
import { scorerOf } from '../models/scorer-of.js'
import type { StoredOutcome } from '../store/outcome-store.js'
import type { StoredPrediction } from '../store/store.js'
import { directionIn } from './direction-in.js'

type Cell = (stored: StoredPrediction, outcome: StoredOutcome | undefined) => unknown

/** Columns of a listing as Parquet. A model of several classes has its numbers in the lists, one of a single output in y_raw and y_pred. */
const columns: Readonly<Record<string, readonly [ParquetColumn['type'], Cell]>> = {
  id: ['VARCHAR', ({ id }) => id],
  symbol: ['VARCHAR', ({ symbol }) => symbol],
  timeframe: ['VARCHAR', ({ timeframe }) => timeframe],
  bar_time: ['TIMESTAMP', ({ barTimeMs }) => barTimeMs],
  bar_close_time: ['TIMESTAMP', ({ barTimeMs, timeframe }) => barTimeMs + durationMs(timeframe as Timeframe)],
  model: ['VARCHAR', ({ model }) => model],
  version: ['VARCHAR', ({ modelVersion }) => modelVersion],
  model_sha256: ['VARCHAR', ({ modelSha256 }) => modelSha256],
  y_raw: ['DOUBLE', ({ yRaw }) => (yRaw.length === 1 ? yRaw[0] : null)],
  y_pred: ['DOUBLE', ({ yPred }) => (yPred.length === 1 ? yPred[0] : null)],
  y_raw_classes: ['DOUBLE[]', ({ yRaw }) => (yRaw.length === 1 ? null : yRaw)],
  y_pred_classes: ['DOUBLE[]', ({ yPred }) => (yPred.length === 1 ? null : yPred)],
  output: ['VARCHAR', ({ output }) => output],
  horizon_bars: ['INTEGER', ({ horizonBars }) => horizonBars],
  settles_at: ['TIMESTAMP', ({ barTimeMs, timeframe, horizonBars }) => barTimeMs + (1 + horizonBars) * durationMs(timeframe as Timeframe)],
  catalogue: ['VARCHAR', ({ catalogue }) => catalogue],
  catalogue_version: ['INTEGER', ({ catalogueVersion }) => catalogueVersion],
  scorer_version: ['VARCHAR', ({ scorerVersion }) => scorerVersion],
  features_hash: ['VARCHAR', ({ featuresHash }) => featuresHash],
  features_nan: ['VARCHAR[]', ({ featuresNan }) => featuresNan],
  features_outside: ['VARCHAR[]', ({ featuresOutside }) => featuresOutside],
  input_source: ['VARCHAR', ({ source }) => source],
  input_hash: ['VARCHAR', ({ inputHash }) => inputHash],
  origin: ['VARCHAR', ({ origin }) => origin],
  created_at: ['TIMESTAMP', ({ createdAtMs }) => createdAtMs],
  supersedes: ['VARCHAR', ({ supersedes }) => supersedes],
  superseded_by: ['VARCHAR', ({ supersededBy }) => supersededBy],
  outcome_status: ['VARCHAR', (_, outcome) => outcome?.status ?? 'pending'],
  realised: ['DOUBLE', (_, outcome) => outcome?.realised],
  error: ['DOUBLE', (_, outcome) => outcome?.error],
  hit: ['BOOLEAN', (_, outcome) => outcome?.hit],
  covered: ['BOOLEAN', (_, outcome) => outcome?.covered],
  realised_class: ['INTEGER', (_, outcome) => outcome?.realisedClass],
  drawdown: ['DOUBLE', (_, outcome) => outcome?.drawdown],
  settled_at: ['TIMESTAMP', (_, outcome) => outcome?.settledAtMs],
  scorer_family: ['VARCHAR', ({ scorerVersion }) => scorerOf(scorerVersion).family],
  scorer_precision: ['VARCHAR', ({ scorerVersion }) => scorerOf(scorerVersion).precision],
  signal: ['VARCHAR', ({ details }) => directionIn(details)],
  details: ['VARCHAR', ({ details }) => details],
}

/**
 * Predictions as a Parquet file, one row each, in their order. NaN and ±∞ stay what they are.
 * @param pages the rows, page by page, with their current outcomes by id; only the cells are kept of a page
 */
export async function predictionsParquet(
  pages: AsyncIterable<{ readonly predictions: readonly StoredPrediction[]; readonly outcomes: ReadonlyMap<string, StoredOutcome> }>,
): Promise<Buffer> {
  const filled = Object.entries(columns).map(([name, [type, cell]]) => ({ name, type, cell, values: [] as unknown[] }))
  let nRows = 0
  for await (const { predictions, outcomes } of pages) {
    for (const stored of predictions) {
      const outcome = outcomes.get(stored.id)
      for (const { cell, values } of filled) values.push(cell(stored, outcome))
    }
    nRows += predictions.length
  }
  return toParquet(filled, nRows)
}
