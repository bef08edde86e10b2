import type { Direction } from './crypto-bot-levels.js'

export interface RangeLevels {
  /** Null without a trade. */
  readonly entry: number | null
  readonly stop: number | null
  readonly takeProfits: readonly number[]
}

/**
 * Levels by multiples of the average true range: entry at the price, stop 1.5 ranges against it, take-profits 1, 2 and 3 ranges with it.
 * Without a range 1 % of the price stands in for it.
 * @param range ATR in the price's unit; 0 or NaN: unknown
 */
export function rangeLevels(
  direction: Direction,
  price: number,
  range: number,
  stopRanges = 1.5,
  steps: readonly number[] = [1, 2, 3],
): RangeLevels {
  if (direction === 'NO_TRADE') return { entry: null, stop: null, takeProfits: [] }
  const unit = range > 0 && Number.isFinite(range) ? range : price * 0.01
  const sign = direction === 'LONG' ? 1 : -1
  const at = (ranges: number) => Number((price + sign * ranges * unit).toFixed(8))
  return { entry: at(0), stop: at(-stopRanges), takeProfits: steps.map(at) }
}
