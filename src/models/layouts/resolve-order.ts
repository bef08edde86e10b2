import type { Scorer } from '../families/family.js'
import { Refused } from '../refused.js'
import { textsOf } from './read-json.js'

/**
 * The order of a FoxML model's inputs. Its metadata has two: `features` as the model was fitted, and `feature_list`, sorted, which its own inference
 * uses, columns permuted. The names in the model's file decide where they are names; otherwise `features`, when it is the same set and as long as the
 * model's input. What cannot be told is refused, never guessed.
 */
export function resolveOrder(meta: Readonly<Record<string, unknown>>, { featureNames, nInputs }: Scorer): readonly string[] {
  const fitted = textsOf(meta.features) ?? textsOf(meta.feature_names)
  const sorted = textsOf(meta.feature_list)
  const own = featureNames?.every((name) => /^(Column_|f)?\d+$/.test(name)) === true ? undefined : featureNames
  if (own !== undefined) {
    const stated = new Set([...(fitted ?? []), ...(sorted ?? [])])
    const absent = own.filter((name) => !stated.has(name))
    if (stated.size > 0 && absent.length > 0) {
      throw new Refused(
        'feature-mismatch',
        `model_meta.json does not list ${absent.length} of the features in the model's file: ${absent.slice(0, 5).join(', ')}`,
        { missing: absent.slice(0, 50) },
      )
    }
    return own
  }
  if (fitted === undefined && sorted === undefined)
    throw new Refused('bad-manifest', 'model_meta.json lists no features, and the model file names none')
  if (fitted === undefined) return requireOne(sorted!, nInputs)
  if (sorted === undefined) return requireLength(fitted, nInputs)
  const sameSet = fitted.length === sorted.length && new Set(fitted).size === fitted.length && fitted.every((name) => sorted.includes(name))
  if (sameSet) return requireLength(fitted, nInputs)
  throw new Refused(
    'feature-mismatch',
    `model_meta.json lists ${fitted.length} features as fitted and ${sorted.length} in feature_list, which are not the same: the order of the model's ${nInputs} inputs cannot be told; save the model with its feature names`,
    { features: fitted.length, feature_list: sorted.length, inputs: nInputs },
  )
}

/** A list that was sorted when it was written says nothing of the order, unless there is only one. */
function requireOne(sorted: readonly string[], nInputs: number): readonly string[] {
  if (sorted.length === 1 && nInputs === 1) return sorted
  throw new Refused(
    'feature-mismatch',
    `model_meta.json lists its features in feature_list alone, which is sorted, and the model's file names none: the order of the model's ${nInputs} inputs cannot be told; state features in the order of fitting, or save the model with its feature names`,
    { feature_list: sorted.length, inputs: nInputs },
  )
}

/** Columns that were dropped late are still listed: then there are more names than inputs. */
function requireLength(names: readonly string[], nInputs: number): readonly string[] {
  if (names.length === nInputs) return names
  throw new Refused(
    'feature-mismatch',
    `model_meta.json lists ${names.length} features, the model takes ${nInputs}: which of them cannot be told; save the model with its feature names`,
    {
      features: names.length,
      inputs: nInputs,
    },
  )
}
