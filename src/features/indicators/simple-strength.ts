/**
 * Gains and losses behind an RSI of simple means: the means of max(d, 0) and max(−d, 0) over the last `period` bars, where d is the
 * difference to the bar before and 0 for the first bar of the window. `out[0]`: mean gain, `out[1]`: mean loss.
 */
export function gainAndLoss(close: Float64Array, first: number, last: number, period: number, out: Float64Array): void {
  let gain = 0
  let loss = 0
  for (let i = last - period + 1; i <= last; i++) {
    const d = i > first ? close[i]! - close[i - 1]! : 0
    if (d > 0) gain += d
    else loss -= d
  }
  out[0] = gain / period
  out[1] = loss / period
}
