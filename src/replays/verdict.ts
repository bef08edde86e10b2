import type { StoredPrediction } from '../store/store.js'

export const results = ['identical', 'different', 'impossible'] as const
export type ReplayResult = (typeof results)[number]

/** Why a prediction cannot be derived again. */
export const impossibilities = [
  'model-unavailable',
  'model-changed',
  'catalogue-changed',
  'candles-missing',
  'features-missing',
  'members-missing',
  'history-changed',
] as const
export type Impossibility = (typeof impossibilities)[number]

/** What can differ, in the order in which one comes from the other. */
export const parts = [
  'input_hash',
  'features_hash',
  'stored_features',
  'features_nan',
  'features_outside_training_range',
  'y_raw',
  'y_pred',
  'details',
  'id',
] as const
export type Part = (typeof parts)[number]

export interface Pair<T> {
  readonly stored: T
  readonly recomputed: T
}

/** The first feature, in the booster's order, whose stored value is another than the recomputed one. */
export interface FeatureDifference extends Pair<number> {
  readonly name: string
  /** The key under which the stored value is kept. */
  readonly featureKey: string
}

/** What came of deriving a stored prediction again. */
export interface Verdict {
  readonly prediction: StoredPrediction
  readonly result: ReplayResult
  /** Only for impossible. */
  readonly reason: Impossibility | null
  /** One sentence; null for identical. */
  readonly detail: string | null
  /** Empty unless different. */
  readonly differs: readonly Part[]
  /** Undefined where nothing was recomputed, or nothing differs. */
  readonly recomputed?: Pick<StoredPrediction, 'id' | 'inputHash' | 'featuresHash' | 'yRaw' | 'yPred'>
  readonly feature: FeatureDifference | null
}

export function identical(prediction: StoredPrediction): Verdict {
  return { prediction, result: 'identical', reason: null, detail: null, differs: [], feature: null }
}

export function impossible(prediction: StoredPrediction, reason: Impossibility, detail: string): Verdict {
  return { prediction, result: 'impossible', reason, detail, differs: [], feature: null }
}
