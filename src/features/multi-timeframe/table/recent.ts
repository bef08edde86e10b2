import { featureRows } from './row.js'

/** Values of one bar i; min bars and formula are those of the target bar (lag 0). A lag of k bars needs k bars more. */
export const recentRows = featureRows([
  ['close_logret_current', 2, 'log return', 'ln(C_i / C_{i−1}); NaN unless both are above 0'],
  ['high_low_range_pct_current', 1, 'ratio', '(H_i − L_i) / O_i; NaN if O_i = 0'],
  ['close_open_pct_current', 1, 'ratio', '(C_i − O_i) / O_i; NaN if O_i = 0'],
  ['log_volume', 1, 'ln volume', 'ln(1 + V_i)'],
  ['log_volume_delta_current', 2, 'ln volume', 'ln(1 + V_i) − ln(1 + V_{i−1})'],
  ['sign_close_logret_current', 2, '−1, 0 or 1', 'sign of close_logret'],
  ['close_logret_current_x_log_volume', 2, 'log return · ln volume', 'close_logret · log_volume'],
  ['close_logret_current_x_log_volume_delta_current', 2, 'log return · ln volume', 'close_logret · log_volume_delta'],
  ['sign_close_logret_current_x_log_volume', 2, 'ln volume', 'sign_close_logret · log_volume'],
  ['high_low_range_pct_current_x_log_volume', 1, 'ratio · ln volume', 'high_low_range_pct · log_volume'],
  ['close_open_pct_current_x_log_volume', 1, 'ratio · ln volume', 'close_open_pct · log_volume'],
])
