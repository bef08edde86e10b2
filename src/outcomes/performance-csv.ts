import { toCsv } from '../http/to-csv.js'
import type { PerformanceOfOne } from './performance-schema.js'

const ofModel = ['model', 'symbol', 'timeframe', 'output', 'quantile', 'horizon_bars'] as const
const ofCounts = ['predictions', 'pending', 'settled', 'unsettleable'] as const
const ofMeasures = [
  'n',
  'effective_sample_size',
  'hits',
  'misses',
  'neither',
  'hit_rate',
  'hit_rate_standard_error',
  'ic',
  'ic_standard_error',
  'mean_realised',
  'mean_drawdown',
  'mae',
  'rmse',
  'mean_error',
  'pinball_loss',
  'coverage',
  'brier',
  'log_loss',
  'accuracy',
] as const
const ofBaseline = ['hit_rate', 'mae', 'rmse', 'mean_error', 'pinball_loss', 'coverage', 'brier', 'log_loss', 'accuracy'] as const

/** The months of every model as one table; scores of the baseline begin with `baseline_`. */
export function performanceCsv(performance: readonly PerformanceOfOne[]): string {
  const header = [...ofModel, 'month', ...ofCounts, ...ofMeasures, ...ofBaseline.map((name) => `baseline_${name}`)]
  const rows = performance.flatMap((one) =>
    one.monthly.map((month) => [
      ...ofModel.map((name) => one[name]),
      month.month,
      ...ofCounts.map((name) => month.counts[name]),
      ...ofMeasures.map((name) => month[name]),
      ...ofBaseline.map((name) => month.baseline[name]),
    ]),
  )
  return toCsv(header, rows)
}
