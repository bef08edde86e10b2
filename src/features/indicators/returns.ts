/** Simple returns of the bars `last − count + 1 … last` into `out`, oldest first; the bar before them must be in the window. */
export function fillReturns(close: Float64Array, last: number, count: number, out: Float64Array): void {
  for (let k = 0, i = last - count + 1; k < count; k++, i++) out[k] = close[i]! / close[i - 1]! - 1
}
