import { featureRows } from './row.js'

export const oscillatorRows = featureRows([
  [
    'close_rsi_14',
    15,
    '0 to 100',
    '100 − 100/(1 + G/D), G and D = RMA14 of the rises and falls of C, both 0 in the first row; 100 if D = 0 (also when prices are flat)',
  ],
  ['close_stoch_k_14', 14, '0 to 100', '100·(C_t − ll)/(hh − ll), ll = min L[-14:], hh = max H[-14:]; 50 if hh = ll'],
  ['close_stoch_d_14_3', 16, '0 to 100', 'mean of the above at the rows t, t−1, t−2'],
  ['close_cci_20', 20, 'index', '(TP_t − ROLL mean 20 of TP) / (0.015·md), md = mean of |TP_i − mean(TP[-20:])|; NaN if md = 0'],
  ['close_roc_10', 11, 'percent', '(C_t − C_{t−10}) / C_{t−10} · 100; NaN if C_{t−10} = 0'],
  ['close_williams_r_14', 14, '−100 to 0', '−100·(hh − C_t)/(hh − ll), hh and ll of the last 14 bars; −50 if hh = ll'],
  [
    'close_uo_7_14_28',
    29,
    '0 to 100',
    '100·(4·A_7 + 2·A_14 + A_28)/7, A_p = ROLL sum p of (C_i − min(L_i, C_{i−1})) / ROLL sum p of TR; NaN when all bars are flat',
  ],
  [
    'close_mfi_14',
    15,
    '0 to 100',
    '100 − 100/(1 + p/q), p and q = ROLL sums over 14 bars of TP_i·V_i where TP rose and fell; 100 if q = 0 (also when prices are flat)',
  ],
])
