import type { ServedModel } from '../models/model.js'
import type { StoredFeatures } from '../store/feature-store.js'
import type { NewPrediction } from '../store/store.js'

/** The key under which a model's values are kept; undefined: they are not. */
export type KeyOf = (model: ServedModel) => string | undefined

export interface KeptFeatures {
  /** Features are kept for every model, not only for those whose manifest asks for it. */
  readonly all: boolean
  /** The key to keep them under; undefined: the manifest's, or else the default. */
  readonly featureKey: string | undefined
}

/** Whose values are kept, and under which key; undefined: not kept. */
export function keyFor({ manifest, catalogueVersion }: ServedModel, kept: KeptFeatures): string | undefined {
  const { features } = manifest
  if (!kept.all && features.store !== true) return undefined
  return kept.featureKey ?? features.key ?? defaultKey(features, catalogueVersion)
}

/** Key of values that were computed here: everything that their bits depend on besides the candles, e.g. `multi-timeframe-1-720+6`. */
export function defaultKey(
  { catalogue, baseBars, bufferBars }: { readonly catalogue: string; readonly baseBars: number; readonly bufferBars: number },
  catalogueVersion: number,
): string {
  return `${catalogue}-${catalogueVersion}-${baseBars}+${bufferBars}`
}

/** Key of values that were sent, when the request names none. */
export const submittedKey = 'submitted'

/**
 * Feature rows as they are kept: one per key and bar, with the features of every model that answered for the bar.
 * @param rows the feature row of each prediction, in its booster's order; not copied where one model is alone
 * @param keyOf the key of a model's values; undefined: they are not kept
 */
export function usedFeatures(
  made: readonly NewPrediction[],
  rows: readonly Float64Array[],
  models: readonly ServedModel[],
  keyOf: KeyOf,
): StoredFeatures[] {
  const kept = new Map<string, { featureKey: string; first: NewPrediction; parts: Part[] }>()
  made.forEach((prediction, k) => {
    const model = models.find(({ name }) => name === prediction.model)!
    const featureKey = keyOf(model)
    if (featureKey === undefined) return
    const place = `${prediction.barTimeMs} ${featureKey}`
    const found = kept.get(place)
    if (found === undefined) kept.set(place, { featureKey, first: prediction, parts: [{ model, row: rows[k]! }] })
    else found.parts.push({ model, row: rows[k]! })
  })
  const layouts = new Map<string, Layout>()
  return Array.from(kept.values(), ({ featureKey, first, parts }) => {
    const { symbol, timeframe, barTimeMs, createdAtMs } = first
    return { featureKey, symbol, timeframe, barTimeMs, createdAtMs, ...join(parts, layouts) }
  })
}

interface Part {
  readonly model: ServedModel
  readonly row: Float64Array
}

/** Where the features of some models stand in one row that holds all of them. */
interface Layout {
  readonly names: readonly string[]
  readonly columns: readonly Int32Array[]
}

function join(parts: readonly Part[], layouts: Map<string, Layout>): { names: readonly string[]; values: Float64Array } {
  if (parts.length === 1) return { names: parts[0]!.model.featureNames, values: parts[0]!.row }
  const signature = parts.map(({ model }) => model.name).join('\n')
  const layout = layouts.get(signature) ?? layOut(parts.map(({ model }) => model))
  layouts.set(signature, layout)
  const values = new Float64Array(layout.names.length)
  parts.forEach(({ row }, k) => {
    const columns = layout.columns[k]!
    for (let at = 0; at < row.length; at++) values[columns[at]!] = row[at]!
  })
  return { names: layout.names, values }
}

function layOut(models: readonly ServedModel[]): Layout {
  const places = new Map<string, number>()
  for (const { featureNames } of models) for (const name of featureNames) if (!places.has(name)) places.set(name, places.size)
  return {
    names: [...places.keys()],
    columns: models.map(({ featureNames }) => Int32Array.from(featureNames, (name) => places.get(name)!)),
  }
}
