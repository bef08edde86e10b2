const aliases: Readonly<Record<string, string>> = {
  lgb: 'lightgbm',
  lgbm: 'lightgbm',
  gbm: 'lightgbm',
  xgb: 'xgboost',
  nn: 'neuralnetwork',
  cnn: 'cnn1d',
}

/** A family's name as it is compared, whatever its spelling: `QuantileLightGBM`, `quantile_lightgbm` and `quantile_light_g_b_m` are one. */
export function familyKey(name: string): string {
  const plain = name.replace(/[-_\s]/g, '').toLowerCase()
  return aliases[plain] ?? plain
}
