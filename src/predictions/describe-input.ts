import type { CheckedFrame } from '../candles/check.js'
import type { Manifest, ServedModel } from '../models/model.js'
import type { NewPrediction } from '../store/store.js'
import { hashInput } from './identity.js'

/** What a prediction says about the candles it came from. */
export type Input = Pick<
  NewPrediction,
  'barTimeMs' | 'inputHash' | 'inputSubmitted' | 'inputBars' | 'inputFirstMs' | 'inputLastMs' | 'unfinishedDropped'
>

/** Describes the window of each model; models with windows of one length share the work. */
export function createInputs({ frame, submitted, unfinishedDropped }: CheckedFrame): (model: ServedModel) => Input {
  const inputs = new Map<number, Input>()
  return ({ manifest }) => {
    const windowBars = windowBarsOf(manifest.features)
    const known = inputs.get(windowBars)
    if (known !== undefined) return known
    const lastMs = frame.openTimeMs[frame.nBars - 1] as number
    const input: Input = {
      barTimeMs: lastMs,
      inputHash: hashInput(frame, windowBars),
      inputSubmitted: submitted,
      inputBars: windowBars,
      inputFirstMs: frame.openTimeMs[frame.nBars - windowBars] as number,
      inputLastMs: lastMs,
      unfinishedDropped,
    }
    inputs.set(windowBars, input)
    return input
  }
}

/** Closed bars that a model needs. */
export function windowBarsOf({ baseBars, bufferBars }: Manifest['features']): number {
  return baseBars + bufferBars
}
