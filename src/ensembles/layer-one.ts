export interface LayerOneHorizon {
  /** w·sequence + (1 − w)·trees: a log return. */
  readonly prediction: number
  /** −1, 0 or 1. */
  readonly direction: number
  readonly confidence: number
  /** (e^prediction − 1)·100 */
  readonly percentChange: number
}

/** Who trained the ensemble decides what its confidence means. */
export type Producer = 'rust' | 'python'

/**
 * One horizon of ML layer 1's ensemble of a sequence model and trees.
 * @param weight of the sequence model, 0 … 1
 */
export function layerOneHorizon(sequence: number, trees: number, weight: number, producer: Producer): LayerOneHorizon {
  const prediction = weight * sequence + (1 - weight) * trees
  return {
    prediction,
    direction: Math.sign(prediction),
    confidence: agreement(sequence, trees, producer),
    percentChange: Math.expm1(prediction) * 100,
  }
}

/** Rust: 1 − min(|m − l|/((|m| + |l|)/2 + 1e-8), 1); Python: 1 − |m − l|/(|m| + |l| + 1e-8); both from 0 to 1. */
function agreement(m: number, l: number, producer: Producer): number {
  const distance = Math.abs(m - l)
  const size = Math.abs(m) + Math.abs(l)
  const relative = producer === 'rust' ? Math.min(distance / (size / 2 + 1e-8), 1) : distance / (size + 1e-8)
  return Math.min(1, Math.max(0, 1 - relative))
}
