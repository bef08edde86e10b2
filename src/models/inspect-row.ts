import type { Booster } from 'lightgbm-wasm'
import type { ServedModel } from './model.js'

/**
 * Compiles what the model file says about its training data: which features never were NaN there, and which ranges or categories they had.
 * Features that no tree splits on are left out.
 */
export function createInspector(booster: Booster): ServedModel['inspect'] {
  const names = booster.featureName()
  const missing = booster.featureMissing()
  const watched = booster.featureInfo().flatMap((info, feature) => {
    const name = names[feature]!
    const kind = missing[feature]!
    if (kind === 'unused') return []
    const categories = info.kind === 'categories' ? new Set(info.values) : undefined
    const [min, max] = info.kind === 'range' ? [info.min, info.max] : [-Infinity, Infinity]
    return [{ feature, name, neverNan: kind === 'none', categories, min, max }]
  })

  return (row) => {
    const nan: string[] = []
    const outsideTrainingRange: string[] = []
    for (const { feature, name, neverNan, categories, min, max } of watched) {
      const value = row[feature]!
      if (Number.isNaN(value)) {
        if (neverNan) nan.push(name)
      } else if (value < min || value > max || (categories !== undefined && !categories.has(Math.trunc(value)))) {
        // LightGBM reads a category as a whole number, fractions cut off.
        outsideTrainingRange.push(name)
      }
    }
    return { nan, outsideTrainingRange }
  }
}
