import type { Registry } from '../models/registry.js'
import type { PredictedSeries } from '../store/outcome-store.js'

/** Names of a series' classes, in their order; null when nobody knows them. */
export type ClassNames = (series: Pick<PredictedSeries, 'model' | 'output' | 'thresholds'>) => readonly string[] | null

/** Names are in manifests only: they are known while the model is there, and still has the bounds that it predicted with. */
export function createClassNames(registry: Pick<Registry, 'entry'>): ClassNames {
  return ({ model, output, thresholds }) => {
    const entry = registry.entry(model)
    if (output !== 'class_probabilities' || entry === undefined || entry.state === 'loading') return null
    const manifest = entry.state === 'served' ? entry.model.manifest : entry.manifest
    const bounds = manifest?.thresholds ?? []
    const isSame = bounds.length === thresholds.length && bounds.every((bound, k) => bound === thresholds[k])
    return isSame ? (manifest?.classes ?? null) : null
  }
}
