import { Problem } from '../errors.js'
import type { ServedModel } from '../models/model.js'
import { nearestName } from '../nearest-name.js'
import type { FeatureColumns, FeatureRows } from './feature-rows.js'

export interface Match {
  /** Per feature of the model, in its booster's order, the column that holds it. */
  readonly places: Int32Array
  /** True: the columns are the model's features, in its order. */
  readonly isSame: boolean
  /** Columns that the model does not use, in the order of the body. */
  readonly extra: readonly string[]
}

/**
 * Finds a model's features among submitted columns, by name; what was found is kept as long as the columns are.
 * @throws Problem `feature-mismatch` with the diff when some are missing
 */
export type MatchFeatures = (columns: FeatureColumns, model: ServedModel) => Match

export function createMatchFeatures(): MatchFeatures {
  const known = new WeakMap<FeatureColumns, Map<ServedModel, Match>>()
  return (columns, model) => {
    let matches = known.get(columns)
    if (matches === undefined) known.set(columns, (matches = new Map<ServedModel, Match>()))
    const match = matches.get(model) ?? matchFeatures(columns, model)
    matches.set(model, match)
    return match
  }
}

function matchFeatures({ names }: FeatureColumns, { name, featureNames }: ServedModel): Match {
  const places = new Map(names.map((column, place) => [column, place]))
  const wanted = new Set(featureNames)
  const missing = featureNames.filter((feature) => !places.has(feature))
  const extra = names.filter((column) => !wanted.has(column))
  if (missing.length > 0) throw mismatch(name, missing, extra)
  const found = Int32Array.from(featureNames, (feature) => places.get(feature)!)
  return { places: found, isSame: names.length === found.length && found.every((place, k) => place === k), extra }
}

const mostShown = 50
/** Nearest names are searched for so many: each takes some 0.1 ms among a thousand columns. */
const mostNearest = 20

function mismatch(model: string, missing: readonly string[], extra: readonly string[]): Problem {
  const nearest = Object.fromEntries(missing.slice(0, mostNearest).map((feature) => [feature, nearestName(feature, extra)]))
  const shown = missing.slice(0, 5).map((feature) => {
    const near = nearest[feature]
    return near === null || near === undefined ? feature : `${feature} (nearest column: ${near})`
  })
  const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more` : ''
  const count = missing.length === 1 ? '1 feature is' : `${missing.length} features are`
  return new Problem('feature-mismatch', `${count} missing that model ${model} needs: ${shown.join(', ')}${more}`, {
    model,
    missing: missing.slice(0, mostShown),
    missing_count: missing.length,
    extra: extra.slice(0, mostShown),
    extra_count: extra.length,
    nearest,
  })
}

/** The rows as a model's booster wants them: row-major [nRows × features]; the values themselves where that is what they are. */
export function takeColumns({ values, nRows, columns }: FeatureRows, { places, isSame }: Match): Float64Array {
  if (isSame) return values
  const nColumns = columns.names.length
  const rows = new Float64Array(nRows * places.length)
  for (let row = 0, at = 0; row < nRows; row++) {
    const from = row * nColumns
    for (let k = 0; k < places.length; k++) rows[at++] = values[from + places[k]!]!
  }
  return rows
}
