/** Values that a window holds, the current one among them. */
export const standardWindow = 10

/**
 * The z-score of the newest of `values` within the last ten of them (itself included), clipped to ±3: (x − μ)/σ with the population's σ.
 * Fewer than three values: the value itself, clipped. No deviation (σ < 1e-9): 0. As FoxML's standardisation, but for one thing: whoever
 * calls this keeps the window per symbol.
 * @param values oldest first, at least one
 */
export function standardise(values: readonly number[]): number {
  const window = values.slice(-standardWindow)
  const raw = window.at(-1)!
  const n = window.length
  if (n < 3) return clip(raw)
  const mean = window.reduce((sum, value) => sum + value, 0) / n
  const deviation = Math.sqrt(window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n)
  return deviation < 1e-9 ? 0 : clip((raw - mean) / deviation)
}

function clip(value: number): number {
  return Math.max(-3, Math.min(3, value))
}
