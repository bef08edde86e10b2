import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { cryptoBotTimeframes } from '../models/signal-rule.js'

export type Direction = 'LONG' | 'SHORT' | 'NO_TRADE'

export interface Levels {
  readonly entry: number
  readonly stop: number
  /** Three, or none without a trade. */
  readonly takeProfits: readonly number[]
  /** How long the signal holds, and until when a take-profit is expected, milliseconds from the prediction on. */
  readonly validMs: number
  readonly etaMs: number
}

type Known = (typeof cryptoBotTimeframes)[number]

/** Risk and the three take-profits, as fractions of the entry. */
const rules: Readonly<Record<Known, readonly [risk: number, ...takeProfits: number[]]>> = {
  '1m': [0.003, 0.007, 0.015, 0.025],
  '5m': [0.005, 0.01, 0.02, 0.035],
  '15m': [0.008, 0.015, 0.03, 0.05],
  '1h': [0.01, 0.02, 0.04, 0.065],
  '4h': [0.015, 0.03, 0.06, 0.1],
  '1d': [0.02, 0.05, 0.1, 0.15],
}

/**
 * crypto_bot's price levels: the entry 0.2 % beyond the price, stop and take-profits at fixed fractions of the unrounded entry, all rounded
 * to 8 decimals. Timeframes that it does not know get those of 15m, the bars' length too.
 * @param price last close
 */
export function cryptoBotLevels(direction: Direction, price: number, timeframe: Timeframe): Levels {
  const known = cryptoBotTimeframes.find((each) => each === timeframe) ?? '15m'
  const barMs = durationMs(known)
  const [risk, ...steps] = rules[known]
  const times = { validMs: 2 * barMs, etaMs: 3 * barMs }
  if (direction === 'NO_TRADE') return { entry: price, stop: price, takeProfits: [], ...times }
  const sign = direction === 'LONG' ? 1 : -1
  const entry = price * (1 + sign * 0.002)
  return {
    entry: round8(entry),
    stop: round8(entry * (1 - sign * risk)),
    takeProfits: steps.map((step) => round8(entry * (1 + sign * step))),
    ...times,
  }
}

/** To 8 decimals by the exact value of the double; half-way cases go to the even digit, as Python's round. Only odd multiples of 1/512 are half-way. */
export function round8(value: number): number {
  const nearest = Number(value.toFixed(8))
  const isHalfWay = Number.isInteger(value * 512) && (value * 512) % 2 !== 0
  if (!isHalfWay) return nearest
  const below = Math.floor(value * 1e8)
  return (below % 2 === 0 ? below : below + 1) / 1e8
}
