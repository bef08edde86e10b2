import { featureRows } from './row.js'

export const trendRows = featureRows([
  ['close_dominant_cycle_length_50', 50, 'bars', '50/k*, k* = first k in 1…24 with the largest |X_k|, X = DFT(C[-50:] − mean)'],
  ['close_cycle_strength_50', 50, '0 to 1', '|X_k*| / Σ_{k=1..24} |X_k|; NaN if the sum is 0'],
  [
    'close_adx_14',
    27,
    '0 to 100',
    'RMA14 of 100·|P − Q| / (P + Q), P and Q the next two at every row; rows where it is not finite are missing',
  ],
  ['close_di_plus_14', 15, '0 to 100', 'P = 100·RMA14(up moves of H larger than the down moves of L) / RMA14(TR); NaN if RMA14(TR) = 0'],
  ['close_di_minus_14', 15, '0 to 100', 'Q = 100·RMA14(down moves of L larger than the up moves of H) / RMA14(TR); NaN if RMA14(TR) = 0'],
  ['close_rs_20', 20, 'log return', '√ mean of q over 20 bars, q_i = ln(H_i/C_i)·ln(H_i/O_i) + ln(L_i/C_i)·ln(L_i/O_i); NaN if negative'],
  [
    'close_yz_20',
    21,
    'log return',
    '√( var(ro) + k·var(rc) + (1 − k)·mean(q) ) over 20 bars, ro_i = ln(O_i/C_{i−1}), rc_i = ln(C_i/O_i), k = 0.34/(1.34 + 21/19); NaN if negative',
  ],
  ['volume_rvol_20', 20, 'ratio', 'V_t / mean(V[-20:]); NaN if the mean is 0'],
  ['close_donchian_pos_20', 20, '0 to 1', '(C_t − ll)/(hh − ll), hh = max H[-20:], ll = min L[-20:]; 0.5 if hh = ll'],
  ['close_donchian_upper_dist_20', 20, '0 to 1', '(hh − C_t)/(hh − ll); 0 if hh = ll'],
  ['close_donchian_lower_dist_20', 20, '0 to 1', '(C_t − ll)/(hh − ll); 0 if hh = ll'],
  ['close_aroon_up_14', 14, 'percent', '100·(14 − (13 − position of the oldest maximum of H[-14:]))/14, positions 0–13'],
  ['close_aroon_down_14', 14, 'percent', '100·(14 − (13 − position of the oldest minimum of L[-14:]))/14'],
  ['close_aroon_osc_14', 14, 'percent', 'Aroon up − Aroon down'],
  ['close_ret_zscore_20', 21, 'standard deviations', '(LR_t − mean(LR[-20:])) / std(LR[-20:]); NaN if std = 0'],
  ['close_dist_sma20_atr', 20, 'ATR14', '(C_t − SMA20) / ATR14; NaN unless ATR14 > 0'],
])
