import { shorten } from '../shorten.js'
import type { StoredFeatures } from '../store/feature-store.js'
import type { NewPrediction, StoredPrediction } from '../store/store.js'
import { differentMember } from './different-member.js'
import { type FeatureDifference, identical, type Part, type Verdict } from './verdict.js'

export interface Recomputed {
  readonly made: NewPrediction
  /** Feature row, in the order of `featureNames`. */
  readonly row: Float64Array
  readonly featureNames: readonly string[]
  /** Feature rows that are stored for the bar, under any key. */
  readonly storedRows: readonly StoredFeatures[]
}

/** A stored prediction and the same one derived again, bit by bit; NaN equals NaN. */
export function compare(stored: StoredPrediction, recomputed: Recomputed): Verdict {
  const { made } = recomputed
  const beside = besideFeatures(stored, recomputed)
  const differs: Part[] = []
  const add = (part: Part, isSame: boolean) => void (isSame || differs.push(part))
  add('input_hash', stored.inputHash === made.inputHash)
  add('features_hash', stored.featuresHash === made.featuresHash)
  add('stored_features', beside === null)
  add('features_nan', sameNames(stored.featuresNan, made.featuresNan))
  add('features_outside_training_range', sameNames(stored.featuresOutside, made.featuresOutside))
  add('y_raw', sameBits(stored.yRaw, made.yRaw))
  add('y_pred', sameBits(stored.yPred, made.yPred))
  add('details', stored.details === made.details)
  add('id', stored.id === made.id)
  if (differs.length === 0) return identical(stored)
  const feature = beside ?? (stored.featuresHash === made.featuresHash ? null : newestDifference(recomputed))
  return {
    prediction: stored,
    result: 'different',
    reason: null,
    detail: inWords(differs, feature, stored, recomputed),
    differs,
    recomputed: made,
    feature,
  }
}

/** Whether a made prediction is the stored one in everything that was derived. */
export function isSame(stored: StoredPrediction, made: NewPrediction): boolean {
  return (
    stored.id === made.id &&
    stored.details === made.details &&
    stored.inputHash === made.inputHash &&
    stored.featuresHash === made.featuresHash &&
    sameBits(stored.yRaw, made.yRaw) &&
    sameBits(stored.yPred, made.yPred) &&
    sameNames(stored.featuresNan, made.featuresNan) &&
    sameNames(stored.featuresOutside, made.featuresOutside)
  )
}

/** The first difference to the values that were kept together with the prediction, if they were. */
export function besideFeatures(
  stored: StoredPrediction,
  { row, featureNames, storedRows }: Omit<Recomputed, 'made'>,
): FeatureDifference | null {
  for (const kept of storedRows) {
    if (kept.createdAtMs !== stored.createdAtMs) continue
    const difference = firstDifference(kept, row, featureNames)
    if (difference !== null) return difference
  }
  return null
}

/** Where the prediction's own values were not kept: the newest row of the bar that has all of the model's features. */
function newestDifference({ row, featureNames, storedRows }: Recomputed): FeatureDifference | null {
  const whole = storedRows.filter(({ names }) => {
    const has = new Set(names)
    return featureNames.every((name) => has.has(name))
  })
  const newest = whole.reduce<StoredFeatures | undefined>(
    (best, kept) => (best && best.createdAtMs >= kept.createdAtMs ? best : kept),
    undefined,
  )
  return newest === undefined ? null : firstDifference(newest, row, featureNames)
}

function firstDifference(kept: StoredFeatures, row: Float64Array, featureNames: readonly string[]): FeatureDifference | null {
  const places = new Map(kept.names.map((name, place) => [name, place]))
  for (let k = 0; k < featureNames.length; k++) {
    const name = featureNames[k]!
    const place = places.get(name)
    if (place === undefined) continue
    const stored = kept.values[place]!
    if (!Object.is(stored, row[k])) return { name, stored, recomputed: row[k]!, featureKey: kept.featureKey }
  }
  return null
}

function inWords(
  differs: readonly Part[],
  feature: FeatureDifference | null,
  { details }: StoredPrediction,
  { made, storedRows }: Recomputed,
): string {
  const what = `${listing(differs)} ${differs.length === 1 ? 'differs' : 'differ'}`
  if (feature !== null) {
    const { name, stored, recomputed, featureKey } = feature
    return `${what}; the first feature that differs is ${name}: ${stored} is stored under the key ${featureKey}, ${recomputed} was computed`
  }
  if (!differs.includes('features_hash')) return differs.includes('details') ? `${what}; ${detailsInWords(details, made.details)}` : what
  if (storedRows.length === 0) return `${what}; only the hash of the features was stored, not their values, so that no feature can be named`
  return made.source === 'features' ? what : `${what}; none of the feature values stored for this bar is another than the computed one`
}

function listing(differs: readonly Part[]): string {
  return differs.length < 2 ? differs.join() : `${differs.slice(0, -1).join(', ')} and ${differs.at(-1)!}`
}

/** Which member of the details differs first: what an ensemble was made from, or its signal. */
function detailsInWords(stored: string | null, recomputed: string | null): string {
  const found = differentMember(JSON.parse(stored ?? '{}'), JSON.parse(recomputed ?? '{}'))
  if (found === undefined) return 'the order of their members is another'
  const shown = (value: unknown) => (value === undefined ? 'nothing' : shorten(JSON.stringify(value)))
  return `the first member of details that differs is ${found.path}: ${shown(found.stored)} is stored, ${shown(found.recomputed)} was derived`
}

/** The sign of zero apart, which the store does not keep. */
function sameBits(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, k) => value === b[k] || Object.is(value, b[k]))
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, k) => name === b[k])
}
