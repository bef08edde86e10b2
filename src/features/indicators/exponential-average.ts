/**
 * Exponential average with α = 2/(span + 1), y₀ = x₀, y_i = (1 − α)·y_{i−1} + α·x_i, of the values `first … last`.
 * The arithmetic is that of pandas' `ewm(span, adjust=False)`: the two weights are added and divided by, and an equal value changes nothing.
 * @returns y at `last`; with `series` also every y, from its index 0 on
 */
export function exponentialAverage(values: Float64Array, first: number, last: number, span: number, series?: Float64Array): number {
  const alpha = 2 / (span + 1)
  const old = 1 - alpha
  let y = values[first]!
  if (series !== undefined) series[0] = y
  for (let i = first + 1; i <= last; i++) {
    const x = values[i]!
    if (y !== x) y = (old * y + alpha * x) / (old + alpha)
    if (series !== undefined) series[i - first] = y
  }
  return y
}
