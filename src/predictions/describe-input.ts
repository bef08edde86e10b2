import type { Frame } from '../candles/frame.js'
import type { Manifest } from '../models/model.js'
import type { NewPrediction } from '../store/store.js'
import { hashBars, hashInput, layOutBars } from './identity.js'

/** What a prediction says about where it came from. */
export interface Input extends Pick<
  NewPrediction,
  'source' | 'barTimeMs' | 'inputSubmitted' | 'inputBars' | 'inputFirstMs' | 'inputLastMs' | 'unfinishedDropped'
> {
  /** Undefined: the hash of the feature row, because the features themselves were sent. */
  readonly inputHash: string | undefined
}

export interface CandleInputs {
  readonly frame: Frame
  /** Indices of target bars, rising, each with a whole window; at least one. */
  readonly bars: Int32Array
  readonly windowBars: number
  readonly submitted: number
  readonly unfinishedDropped: number
}

/** Describes the windows that end at bars of a frame, one after the other. */
export function describeInputs({ frame, bars, windowBars, submitted, unfinishedDropped }: CandleInputs): Input[] {
  const hashOf = hashesOf(frame, bars, windowBars)
  return Array.from(bars, (bar) => {
    const lastMs = frame.openTimeMs[bar]!
    return {
      source: 'candles',
      barTimeMs: lastMs,
      inputHash: hashOf(bar),
      inputSubmitted: submitted,
      inputBars: windowBars,
      inputFirstMs: frame.openTimeMs[bar - windowBars + 1]!,
      inputLastMs: lastMs,
      unfinishedDropped,
    }
  })
}

/** Windows that overlap are laid out once: 64 bars in a row need the bytes of 790 candles, not of 46,000. */
function hashesOf(frame: Frame, bars: Int32Array, windowBars: number): (bar: number) => string {
  const first = bars[0]! - windowBars + 1
  const span = bars[bars.length - 1]! - first + 1
  if (bars.length === 1 || span > 2 * windowBars + 4 * bars.length) return (bar) => hashInput(frame, windowBars, bar)
  const bytes = layOutBars(frame, first, span)
  return (bar) => hashBars(bytes, bar - windowBars + 1 - first, windowBars)
}

/** Closed bars that a model needs. */
export function windowBarsOf({ baseBars, bufferBars }: Manifest['features']): number {
  return baseBars + bufferBars
}
