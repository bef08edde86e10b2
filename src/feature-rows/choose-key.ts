import { invalidAt } from '../errors.js'
import type { FeatureStore } from '../store/feature-store.js'

export interface WantedKey {
  readonly feature_key?: string | undefined
  readonly symbol?: string | undefined
  readonly timeframe?: string | undefined
}

/**
 * The key and series whose rows are asked for: what was not said is taken from what is stored, as long as it is one.
 * @returns undefined when nothing fits
 * @throws Problem `invalid-request` when several fit
 */
export async function chooseKey(features: Pick<FeatureStore, 'keys'>, wanted: WantedKey) {
  const { symbol, timeframe } = wanted
  const isClear = wanted.feature_key?.includes(' ') === false
  if (isClear && symbol !== undefined && timeframe !== undefined) return { featureKey: wanted.feature_key, symbol, timeframe }
  const keys = await features.keys()
  const featureKey = meant(wanted.feature_key, keys)
  const fits = keys.filter(
    (key) =>
      (featureKey ?? key.featureKey) === key.featureKey &&
      (symbol ?? key.symbol) === key.symbol &&
      (timeframe ?? key.timeframe) === key.timeframe,
  )
  const [first, ...others] = fits
  if (first === undefined) return undefined
  for (const [parameter, field] of fields) {
    const different = [...new Set(fits.map((key) => key[field]))]
    if (others.length === 0 || different.length === 1) continue
    const listed = different.slice(0, 10).join(', ') + (different.length > 10 ? ', …' : '')
    throw invalidAt(parameter, `${parameter} is needed, there are several: ${listed}; GET /features/keys lists them`)
  }
  return { featureKey: first.featureKey, symbol: first.symbol, timeframe: first.timeframe }
}

/** A + that was pasted into an address arrives as a space: of such a key the one with + is meant, unless there is one with just these spaces. */
function meant(key: string | undefined, keys: Awaited<ReturnType<FeatureStore['keys']>>): string | undefined {
  const isThere = (name: string) => keys.some(({ featureKey }) => featureKey === name)
  if (key === undefined || isThere(key)) return key
  const withPlus = key.replaceAll(' ', '+')
  return isThere(withPlus) ? withPlus : key
}

const fields = [
  ['feature_key', 'featureKey'],
  ['symbol', 'symbol'],
  ['timeframe', 'timeframe'],
] as const
