/** 1 − a of an exponentially weighted mean with the given span, rounded as pandas rounds it. */
export function spanDecay(span: number): number {
  const com = (span - 1) / 2
  return 1 - 1 / (1 + com)
}

/**
 * Weights of Wilder's running average over `bars`: decay of the old value and weight of the new one. They add up to exactly 1 for
 * 14 bars (a test says so), which saves pandas' division by their sum.
 */
export function wilderWeights(bars: number): { decay: number; gain: number } {
  const alpha = 1 / bars
  const com = (1 - alpha) / alpha
  const gain = 1 / (1 + com)
  return { decay: 1 - gain, gain }
}
