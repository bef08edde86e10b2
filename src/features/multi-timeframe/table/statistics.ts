import { featureRows } from './row.js'

export const statisticsRows = featureRows([
  ['close_percentile_25_20', 20, 'price', 'QUANTILE(C[-20:], 0.25)'],
  ['close_percentile_50_20', 20, 'price', 'QUANTILE(C[-20:], 0.5)'],
  ['close_percentile_75_20', 20, 'price', 'QUANTILE(C[-20:], 0.75)'],
  ['close_skew_30', 31, 'none', 'm3 / m2^1.5, population moments of PR[-30:]; NaN if m2 ≤ (1e-15·mean)²'],
  ['close_kurt_30', 31, 'none', 'm4 / m2² − 3, same moments and rule'],
  ['close_autocorr_1_30', 32, '−1 to 1', 'correlation of the 30 pairs (r_i, r_{i−1}), r = PR[-31:]; NaN if a variance is 0'],
  [
    'close_hurst_100',
    100,
    'none',
    '0; NaN if the last 100 returns are all exactly 0',
    'the pipeline fits a line to a constant, so that its values are rounding noise below 1e-15',
  ],
  ['close_entropy_20', 20, 'nats', '−Σ h_k·ln(h_k + 1e-10), h = shares of C[-20:] in 10 equal bins from min to max'],
])
