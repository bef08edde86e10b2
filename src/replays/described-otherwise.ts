import type { ServedModel } from '../models/model.js'
import type { StoredPrediction } from '../store/store.js'
import type { Part } from './verdict.js'

/**
 * Why other features than the stored ones are no wrong arithmetic: the model's description names other inputs by now, of the same file. A sentence;
 * undefined when nothing that is stored says so. No prediction keeps the names of its inputs: those that were unusual betray it, or the version
 * of a description that lists them.
 */
export function describedOtherwise(
  { model: name, source, modelVersion, featuresNan, featuresOutside }: StoredPrediction,
  { featureNames, manifest }: ServedModel,
  differs: readonly Part[],
): string | undefined {
  // Other candles give other features, whatever they are called; what was sent as features is its own input.
  const isForNames = differs.includes('features_hash') && (source === 'features' || !differs.includes('input_hash'))
  if (!isForNames) return undefined
  const gone = [...featuresNan, ...featuresOutside].find((feature) => !featureNames.includes(feature))
  if (gone !== undefined) return `the description of model ${name} lists other features now: ${gone} was one then`
  if (manifest.featureNames === undefined || manifest.version === modelVersion) return undefined
  const [then, now] = [modelVersion, manifest.version].map((version) => JSON.stringify(version))
  return `the features are others, and model ${name} lists its features in a description of version ${now}, which was ${then} then`
}
