import type { Frame } from '../../candles/frame.js'

/** Simple mean of the last `period` true ranges, in the price's unit; the first bar of the window has no close before it: high − low. */
export function averageRange({ high, low, close }: Frame, first: number, last: number, period: number): number {
  let sum = 0
  for (let i = last - period + 1; i <= last; i++) {
    const range = high[i]! - low[i]!
    sum += i > first ? Math.max(range, Math.abs(high[i]! - close[i - 1]!), Math.abs(low[i]! - close[i - 1]!)) : range
  }
  return sum / period
}
