import type { PredictOptions } from './predict-options.js'

/** Options with their defaults, made to fit the model. Each call of `predict` fills the booster's one record again: a new one would be garbage. */
export interface CheckedOptions {
  output: 'prediction' | 'raw' | 'leaf' | 'contrib'
  first: number
  iterations: number
  /** Iterations between two checks of the early stop; 0: none. */
  frequency: number
  margin: number
}

/**
 * Checks the options of `predict` against a model of `available` iterations. As in LightGBM a start below 0 is 0, one behind the
 * end gives no iterations, and a count of 0 or less (or too many) means all that there are.
 * @param checked filled, after all options were read: reading one may run code of the caller, which may call `predict`
 * @returns the option `out`, which is checked by whoever knows its length
 */
export function checkOptions(options: PredictOptions, available: number, checked: CheckedOptions): unknown {
  if (typeof options !== 'object' || (options as unknown) === null) throw new TypeError('predict: expected an object with options')
  for (const name in options) if (!known.has(name)) throw new TypeError(`predict: unknown option ${name}`)
  // Each is read by its name here: one function that reads any name would cost as much as walking a small model.
  const raw = flag(options.rawScore, 'rawScore')
  const leaf = flag(options.predLeaf, 'predLeaf')
  const contrib = flag(options.predContrib, 'predContrib')
  if (Number(raw) + Number(leaf) + Number(contrib) > 1)
    throw new TypeError('predict: expected at most one of rawScore, predLeaf and predContrib')
  const first = Math.min(Math.max(whole(options.startIteration, 'startIteration', 0), 0), available)
  const asked = whole(options.numIteration, 'numIteration', -1)
  const frequency = whole(options.predEarlyStopFreq, 'predEarlyStopFreq', 10)
  const margin = options.predEarlyStopMargin ?? 10
  const stops = flag(options.predEarlyStop, 'predEarlyStop')
  if (stops && frequency <= 0) throw new RangeError('predict: expected predEarlyStopFreq above 0')
  if (typeof margin !== 'number') throw new TypeError('predict: expected predEarlyStopMargin to be a number')
  if (stops && !(margin >= 0)) throw new RangeError('predict: expected predEarlyStopMargin of at least 0')
  const { out } = options
  checked.output = leaf ? 'leaf' : contrib ? 'contrib' : raw ? 'raw' : 'prediction'
  checked.first = first
  checked.iterations = asked > 0 ? Math.min(asked, available - first) : available - first
  checked.frequency = stops ? frequency : 0
  checked.margin = margin
  return out
}

const known: ReadonlySet<string> = new Set<keyof PredictOptions>([
  'rawScore',
  'predContrib',
  'predLeaf',
  'startIteration',
  'numIteration',
  'predEarlyStop',
  'predEarlyStopFreq',
  'predEarlyStopMargin',
  'out',
])

function flag(value: unknown, name: keyof PredictOptions): boolean {
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw new TypeError(`predict: expected ${name} to be true or false`)
  return value
}

function whole(value: unknown, name: keyof PredictOptions, otherwise: number): number {
  if (value === undefined || value === null) return otherwise
  if (!Number.isInteger(value)) throw new TypeError(`predict: expected ${name} to be a whole number`)
  return value as number
}
