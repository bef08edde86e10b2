import type { Frame } from '../candles/frame.js'
import type { Timeframe } from '../candles/timeframe.js'
import type { ServedModel, SignalRule } from '../models/model.js'
import { signalOf } from '../signals/signal-of.js'
import type { NewPrediction } from '../store/store.js'
import { windowBarsOf } from './describe-input.js'

/** Candles that were predicted from, and the index of the bar among them. */
export interface BarOfFrame {
  readonly frame: Frame
  readonly bar: number
}

/**
 * The prediction with its signal, or with why there is none, in its details, behind what is there already.
 * @param candles undefined: features were sent
 */
export function withSignal(
  { manifest }: ServedModel,
  prediction: NewPrediction,
  candles: BarOfFrame | undefined,
  rule: SignalRule | undefined = manifest.signal,
): NewPrediction {
  if (rule === undefined) return prediction
  const firstBar = candles === undefined ? 0 : Math.max(0, candles.bar - windowBarsOf(manifest.features) + 1)
  const signal = signalOf(
    rule,
    { ...prediction, classes: manifest.classes },
    prediction.timeframe as Timeframe,
    candles && { ...candles, firstBar },
  )
  const details = prediction.details === null ? {} : (JSON.parse(prediction.details) as Record<string, unknown>)
  const told = typeof signal === 'string' ? { signal: null, no_signal: signal } : { signal }
  return { ...prediction, details: JSON.stringify({ ...details, ...told }) }
}
