import type { Row } from '../table/step.js'

/** The 27 features of one minute, in the order in which the models take them. A minute has 60 of them in a flattened row, oldest first. */
export const minuteFeatures: readonly Row[] = [
  row('open', 'price', 'as sent'),
  row('high', 'price', 'as sent'),
  row('low', 'price', 'as sent'),
  row('close', 'price', 'as sent'),
  row('volume', 'volume', 'as sent'),
  row('quote_asset_volume', 'price × volume', 'V·C (candles do not carry it)'),
  row('taker_buy_base_asset_volume', 'volume', 'V·0.5 (candles do not carry it)'),
  row('taker_buy_quote_asset_volume', 'price × volume', 'V·C·0.5 (candles do not carry it)'),
  row('number_of_trades', 'count', '0 (candles do not carry it)'),
  row('spread_bps', '1/10000', '(H − L)/C·10000'),
  row('taker_buy_ratio', 'ratio', '0.5 (candles do not carry it)'),
  row('log_return_1m', 'log return', 'ln(C_i/C_{i−1}); 0 for the first bar'),
  row('log_return_5m', 'log return', 'ln(C_i/C_{i−5}); 0 for i < 5'),
  row('log_return_15m', 'log return', 'ln(C_i/C_{i−15}); 0 for i < 15'),
  row('volatility_5m', 'log return', 'population deviation of the last 5 log_return_1m; 0 for i < 4'),
  row('volatility_15m', 'log return', 'population deviation of the last 15 log_return_1m; 0 for i < 14'),
  row('volatility_30m', 'log return', 'population deviation of the last 30 log_return_1m; 0 for i < 29'),
  row('sma_5_norm', 'ratio', '(C_i − mean of the last 5 closes)/C_i, fewer at the start'),
  row('sma_15_norm', 'ratio', '(C_i − mean of the last 15 closes)/C_i, fewer at the start'),
  row('sma_30_norm', 'ratio', '(C_i − mean of the last 30 closes)/C_i, fewer at the start'),
  row('ema_5_norm', 'ratio', '(C_i − EMA5)/C_i'),
  row('ema_15_norm', 'ratio', '(C_i − EMA15)/C_i'),
  row('ema_30_norm', 'ratio', '(C_i − EMA30)/C_i'),
  row('rsi_14', '0–1', 'RSI by Wilder, 0.5 for i < 14, 1 without losses'),
  row('volume_sma_ratio', 'ratio', 'V_i / mean of the last 20 volumes, fewer at the start; 1 when that is 0'),
  row('vwap_deviation', 'ratio', '(C_i − VWAP_i)/C_i, VWAP of the last 20 bars, fewer at the start; without volume VWAP_i = C_i'),
  row('price_position', 'ratio', '(C_i − L_i)/(H_i − L_i); 0.5 when H_i = L_i'),
]

/** The VWAP of everything in the window instead of the last 20 bars: what the Rust service computes. */
export const cumulativeVwap = row('vwap_deviation_cumulative', 'ratio', '(C_i − VWAP_i)/C_i, VWAP of the window up to i')

function row(name: string, unit: string, formula: string): Row {
  return { name, minBars: 1, unit, formula }
}
