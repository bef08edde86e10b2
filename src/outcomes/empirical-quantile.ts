/**
 * The quantile of values by linear interpolation between the two nearest (Hyndman and Fan's type 7, the default of NumPy and R).
 * @returns NaN when there are no values
 */
export function empiricalQuantile(values: Float64Array, quantile: number): number {
  const sorted = values.slice().sort()
  const place = (sorted.length - 1) * quantile
  const below = Math.floor(place)
  const low = sorted[below]
  if (low === undefined) return Number.NaN
  const high = sorted[below + 1] ?? low
  return low + (high - low) * (place - below)
}
