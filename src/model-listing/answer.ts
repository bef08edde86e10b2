import type { Catalogue } from '../features/catalogue.js'
import { families } from '../models/families/families.js'
import type { ModelEntry, ToldManifest } from '../models/model.js'
import { precisionOf, scorerOf } from '../models/scorer-of.js'
import { exampleRequest } from './example.js'
import type { ModelAnswer } from './schema.js'

/**
 * A model entry as it is answered.
 * @param whole also feature names and an example request, which make it long
 */
export function toModelAnswer(entry: ModelEntry, catalogues: readonly Catalogue[], whole: boolean): ModelAnswer {
  const manifest = entry.state === 'served' ? entry.model.manifest : entry.state === 'loading' ? undefined : entry.manifest
  const model = entry.state === 'served' ? entry.model : undefined
  const refused = entry.state === 'refused' ? entry : undefined
  return {
    name: entry.name,
    state: entry.state,
    source: { ...entry.source },
    reason: refused?.reason ?? null,
    detail: refused?.detail ?? null,
    refusal: refused === undefined || Object.keys(refused.extras).length === 0 ? null : refused.extras,
    failed_reload: failedReload(entry),
    version: manifest?.version ?? null,
    symbol: manifest?.symbol ?? null,
    timeframe: manifest?.timeframe ?? null,
    sha256: model?.sha256 ?? manifest?.sha256 ?? null,
    ...scoring(entry, manifest),
    features:
      manifest?.features === undefined
        ? null
        : {
            catalogue: manifest.features.catalogue,
            version: model?.catalogueVersion ?? null,
            base_bars: manifest.features.baseBars,
            buffer_bars: manifest.features.bufferBars,
            count: model?.featureNames.length ?? null,
            ...(whole && model !== undefined ? { names: [...model.featureNames] } : {}),
          },
    output: manifest?.output ?? null,
    outputs: model?.nOutputs ?? null,
    quantile: manifest?.quantile ?? null,
    classes: manifest?.classes === undefined ? null : [...manifest.classes],
    thresholds: manifest?.thresholds === undefined ? null : [...manifest.thresholds],
    horizon_bars: manifest?.horizonBars ?? null,
    target: manifest?.target ?? null,
    trained_family: manifest?.trainedFamily ?? null,
    signal: manifest?.signal?.rule ?? null,
    ensemble: manifest?.ensemble === undefined ? null : { rule: manifest.ensemble.rule.rule, members: [...manifest.ensemble.rule.members] },
    bars_needed: manifest?.features === undefined ? null : manifest.features.baseBars + manifest.features.bufferBars,
    bars_per_timeframe: barsPerTimeframe(manifest, catalogues),
    warnings: [...(model?.warnings ?? [])],
    ...(whole ? { example: exampleOf(entry) } : {}),
  }
}

/** How it is scored. Of a model that is not in memory the family tells the precision, but not which version would score it. */
function scoring(
  entry: ModelEntry,
  manifest: ToldManifest | undefined,
): Pick<ModelAnswer, 'family' | 'precision' | 'input_precision' | 'scorer'> {
  // A layout may know a family of its own that nothing scores; such a model is refused.
  const family = manifest !== undefined && scored.includes(manifest.family) ? manifest.family : null
  if (entry.state !== 'served') {
    const precision = entry.state === 'idle' ? precisionOf(entry.manifest.family) : null
    return { family, precision, input_precision: precision && (manifest?.inputPrecision ?? precision), scorer: null }
  }
  const { precision, scorer } = entry.model
  const { name, version } = scorerOf(scorer)
  return { family, precision, input_precision: manifest?.inputPrecision ?? precision, scorer: { name, version } }
}

const scored: readonly string[] = ['ensemble', ...families.map(({ name }) => name)]

function barsPerTimeframe(manifest: ToldManifest | undefined, catalogues: readonly Catalogue[]): Record<string, number> | null {
  const catalogue = catalogues.find(({ name }) => name === manifest?.features?.catalogue)
  return manifest?.features === undefined || catalogue === undefined ? null : { ...catalogue.barsPerTimeframe(manifest.features) }
}

function exampleOf(entry: ModelEntry): NonNullable<ModelAnswer['example']> | null {
  if (entry.state === 'served') return exampleRequest(entry.name, entry.model.manifest)
  return entry.state === 'idle' ? exampleRequest(entry.name, entry.manifest) : null
}

function failedReload(entry: ModelEntry): ModelAnswer['failed_reload'] {
  if (entry.state !== 'served' || entry.failedReload === undefined) return null
  const { reason, detail, atMs } = entry.failedReload
  return { reason, detail, at: new Date(atMs).toISOString() }
}
