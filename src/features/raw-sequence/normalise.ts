const epsilon = Math.fround(1e-8)

/** Scales a window of one channel in place, in float32. `reference`: first close for prices, first volume for volumes. */
export type Normalise = (values: Float32Array, reference: number) => void

/** How a window of candles is scaled before a sequence model sees it; ε = 1e-8. */
export const normalisations = {
  /** x/(x₀ + ε) − 1 */
  returns: (values, reference) => {
    const divisor = Math.fround(reference + epsilon)
    for (let i = 0; i < values.length; i++) values[i] = Math.fround(values[i]! / divisor) - 1
  },
  /** ln(x/(x₀ + ε) + ε) */
  log_returns: (values, reference) => {
    const divisor = Math.fround(reference + epsilon)
    for (let i = 0; i < values.length; i++) values[i] = Math.log(Math.fround(Math.fround(values[i]! / divisor) + epsilon))
  },
  /** (x − min)/(max − min + ε), each channel by itself */
  minmax: (values) => {
    let least = Infinity
    let most = -Infinity
    for (const value of values) {
      if (value < least) least = value
      if (value > most) most = value
    }
    const divisor = Math.fround(Math.fround(most - least) + epsilon)
    for (let i = 0; i < values.length; i++) values[i] = Math.fround(values[i]! - least) / divisor
  },
  none: () => {
    // As they are.
  },
} satisfies Record<string, Normalise>
