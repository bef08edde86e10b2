import { featureRows } from './row.js'

export const volatilityRows = featureRows([
  ['close_hv_20', 21, 'log return', 'std(LR[-20:])·√365, the same factor on every timeframe'],
  ['close_atr_14', 15, 'price', 'ATR14 = mean of the last 14 TR'],
  ['close_bb_upper_20_2', 20, 'price', 'm + 2·s, m = mean(C[-20:]), s = std(C[-20:])'],
  ['close_bb_middle_20', 20, 'price', 'm'],
  ['close_bb_lower_20_2', 20, 'price', 'm − 2·s'],
  ['close_bb_width_20_2', 20, 'price', 'upper − lower'],
  ['close_bb_percent_20_2', 20, 'ratio', '(C_t − lower) / width; 0.5 if width = 0'],
  ['close_bb_width_pct_20_2', 20, 'ratio', 'width / m; NaN if m = 0'],
  ['close_vol_ratio_5_50', 51, 'ratio', 'std(LR[-5:]) / std(LR[-50:]); NaN if the latter is 0'],
  ['close_parkinson_20', 20, 'log return', '√( 1/(4·ln 2) · mean of ln(H_i/L_i)² over 20 bars )'],
  ['close_gk_20', 20, 'log return', '√( mean of 0.5·ln(H_i/L_i)² − (2·ln 2 − 1)·ln(C_i/O_i)² over 20 bars ); NaN if the mean is negative'],
])
