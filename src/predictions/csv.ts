import type { StoredPrediction } from '../store/store.js'
import { iso, toScore } from './answer.js'

/** Columns of a listing as CSV, and where each comes from. */
const columns: Readonly<Record<string, (stored: StoredPrediction) => unknown>> = {
  id: (stored) => stored.id,
  symbol: (stored) => stored.symbol,
  timeframe: (stored) => stored.timeframe,
  bar_time: (stored) => iso(stored.barTimeMs),
  model: (stored) => stored.model,
  version: (stored) => stored.modelVersion,
  y_raw: (stored) => toScore(stored.yRaw),
  y_pred: (stored) => toScore(stored.yPred),
  output: (stored) => stored.output,
  horizon_bars: (stored) => stored.horizonBars,
  origin: (stored) => stored.origin,
  created_at: (stored) => iso(stored.createdAtMs),
  outcome_status: () => 'pending',
}

const header = Object.keys(columns).join(',')
const cells = Object.values(columns)

/** Predictions as RFC 4180 text with a header: arrays as JSON text, empty where a number is not finite. */
export function toCsv(predictions: readonly StoredPrediction[]): string {
  const lines = predictions.map((stored) => cells.map((cell) => toCell(cell(stored))).join(','))
  return [header, ...lines, ''].join('\r\n')
}

function toCell(value: unknown): string {
  if (value === null) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
