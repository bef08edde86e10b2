import { featureRows } from './row.js'

export const liquidityRows = featureRows([
  ['close_roll_spread_20', 21, 'price', '2·√(−cov), cov of the 19 pairs of neighbours in the last 20 differences of C; NaN if cov ≥ 0'],
  [
    'close_amihud_20',
    21,
    'log return / (price · volume)',
    'mean of |LR_i| / (C_i·V_i) over those of the last 20 bars with C_i·V_i ≠ 0; NaN if none',
  ],
  ['turnover_z_20', 20, 'standard deviations', '(u_t − mean(u)) / std(u), u = C_i·V_i over 20 bars; NaN if std = 0'],
  [
    'close_ljung_p_5_100',
    101,
    'probability',
    'upper tail of χ²(5) at 100·102·Σ_{k=1..5} ρ_k²/(100 − k), ρ_k = Σ_{i=k}^{99−k} a_i² / Σ a_i², a = LR[-100:] − mean; NaN if Σ a² = 0',
  ],
  [
    'close_perm_entropy_3_50',
    50,
    'ratio',
    '−Σ p·ln(p + 1e-12) / ln(number of patterns seen), p = shares of the orders of three neighbours in C[-50:]; −∞ if there is one pattern only',
  ],
  [
    'close_ou_halflife_100',
    101,
    'bars',
    '−ln 2/β, β = slope of C_{i+1} − C_i on C_i over the last 100 steps; NaN if β ≥ 0 or C is constant',
  ],
  ['close_var_5_50', 51, 'log return', 'QUANTILE(LR[-50:], 0.05), a return, normally negative'],
  ['close_cvar_5_50', 51, 'log return', 'mean of those LR[-50:] that are at most the above'],
  [
    'close_spectral_entropy_50',
    50,
    '0 to 1',
    '−Σ p_k·ln(p_k + 1e-12) / ln 26, p = shares of |X_k|², k = 0…25, X = DFT(C[-50:] − mean); NaN if the power is 0',
  ],
])
