import type { NewPrediction } from '../../../src/store/store.js'

type Kind = Pick<NewPrediction, 'output' | 'horizonBars' | 'quantile' | 'thresholds'>

const none = new Float64Array(0)

/** A model of every kind that settles, and one that does not. */
export const kinds: Readonly<Record<string, Kind>> = {
  'logret-168': { output: 'log_return', horizonBars: 168, quantile: null, thresholds: none },
  'logret-4': { output: 'log_return', horizonBars: 4, quantile: null, thresholds: none },
  'return-24': { output: 'return', horizonBars: 24, quantile: null, thresholds: none },
  'q05-24': { output: 'log_return', horizonBars: 24, quantile: 0.05, thresholds: none },
  'return-q90-6': { output: 'return', horizonBars: 6, quantile: 0.9, thresholds: none },
  'up-24': { output: 'probability_up', horizonBars: 24, quantile: null, thresholds: none },
  'move-24': { output: 'class_probabilities', horizonBars: 24, quantile: null, thresholds: Float64Array.of(-0.01, 0.01) },
  'side-1': { output: 'class_probabilities', horizonBars: 1, quantile: null, thresholds: Float64Array.of(0) },
  'score-4': { output: 'score', horizonBars: 4, quantile: null, thresholds: none },
}

/** Any prediction of a kind, from numbers in [0, 1); coarse, so that 0, 0.5 and ties happen. */
export function anyOutputs(kind: Kind, random: () => number): Float64Array {
  const coarse = () => Math.round(random() * 20) / 20
  if (kind.output === 'class_probabilities') return Float64Array.from({ length: kind.thresholds.length + 1 }, coarse)
  return Float64Array.of(kind.output === 'probability_up' ? coarse() : (coarse() - 0.5) / 10)
}

/** The same numbers every time. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state / 2 ** 32
  }
}
