import { familyKey } from '../family-key.js'
import type { Manifest } from '../models/model.js'

/**
 * Place of a model among families in their order, from 0 on: by the family that it was trained as, and behind those by the one that scores it (an
 * LSTM that was exported is an `lstm` first, and any `onnx`). −1: it is of none of them.
 */
export function familyRank(manifest: Pick<Manifest, 'family' | 'trainedFamily'>, families: readonly string[]): number {
  const keys = families.map(familyKey)
  const own = keys.indexOf(familyKey(familyOf(manifest)))
  const scoring = keys.indexOf(familyKey(manifest.family))
  const ranks = [own, scoring === -1 ? -1 : scoring + 0.5].filter((rank) => rank !== -1)
  return ranks.length === 0 ? -1 : Math.min(...ranks)
}

/** The family as an answer names it: that of the system that trained the model, where it is known. */
export function familyOf({ family, trainedFamily }: Pick<Manifest, 'family' | 'trainedFamily'>): string {
  return trainedFamily ?? family
}
