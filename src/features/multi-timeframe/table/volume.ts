import { featureRows } from './row.js'

export const volumeRows = featureRows([
  ['close_obv', 2, 'volume', 'OBV: over the whole lookback, + V_i when C rose, − V_i when C fell'],
  ['close_obv_over_dollar_vol_20', 20, '1 / price', 'OBV / DV; NaN if DV = 0'],
  ['close_vwap', 1, 'price', 'VWAP = Σ TP_i·V_i / Σ V_i over the whole lookback; NaN if Σ V = 0'],
  ['close_over_vwap', 1, 'ratio', 'C_t / VWAP; NaN if VWAP is 0 or NaN, or C_t ≤ 0'],
  ['close_log_ratio_vwap', 1, 'ln ratio', 'ln(C_t / VWAP); same rule'],
  ['close_adl', 1, 'volume', 'ADL = Σ ((C_i − L_i) − (H_i − C_i)) / (H_i − L_i) · V_i over the whole lookback, bars with H = L skipped'],
  ['close_adl_over_dollar_vol_20', 20, '1 / price', 'ADL / DV; NaN if DV = 0'],
  ['close_chaikin_3_10', 10, 'volume', 'EWM span 3 − EWM span 10 of the running ADL'],
  ['volume_roc_10', 11, 'percent', '(V_t − V_{t−10}) / V_{t−10} · 100; NaN if V_{t−10} = 0'],
])
