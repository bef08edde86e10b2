import type { ServedModel } from '../models/model.js'
import type { Registry } from '../models/registry.js'
import { unavailable } from '../models/unavailable.js'
import type { StoredPrediction } from '../store/store.js'
import { impossible, type Verdict } from './verdict.js'

/**
 * The model that made a prediction, as it was then: the window that the prediction names, whatever the manifest says today. A verdict when it
 * cannot answer any more.
 * @throws Problem `model-unavailable` while the model is loading
 */
export function findModel(registry: Pick<Registry, 'entry'>, prediction: StoredPrediction): ServedModel | Verdict {
  const { model: name, modelSha256, catalogue, catalogueVersion, baseBars, bufferBars } = prediction
  const entry = registry.entry(name)
  if (entry === undefined) return impossible(prediction, 'model-unavailable', `there is no model ${name} any more`)
  switch (entry.state) {
    case 'idle':
    case 'loading':
      throw unavailable(entry)
    case 'refused':
      return impossible(prediction, 'model-unavailable', `model ${name} is refused (${entry.reason}): ${entry.detail}`)
    case 'served':
  }
  const { model } = entry
  const { manifest } = model
  if (model.sha256 !== modelSha256) {
    return impossible(prediction, 'model-changed', `model ${name} is another file now: SHA-256 ${model.sha256}, not ${modelSha256}`)
  }
  if (manifest.features.catalogue !== catalogue || model.catalogueVersion !== catalogueVersion) {
    const now = `${manifest.features.catalogue} version ${model.catalogueVersion}`
    return impossible(
      prediction,
      'catalogue-changed',
      `the features of model ${name} come from the catalogue ${now} now, not from ${catalogue} version ${catalogueVersion}`,
    )
  }
  if (manifest.features.baseBars === baseBars && manifest.features.bufferBars === bufferBars) return model
  return { ...model, manifest: { ...manifest, features: { ...manifest.features, baseBars, bufferBars } } }
}
