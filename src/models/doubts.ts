import type { Booster } from 'lightgbm-wasm'
import type { Catalogue } from '../features/catalogue.js'
import type { Manifest } from './model.js'

/** What an operator should know of a model that is served all the same. */
export function doubts(booster: Booster, { output, file = 'model.txt' }: Manifest, unreproducible: Catalogue['unreproducible']): string[] {
  const found: string[] = []
  const [objective = ''] = booster.objective.split(' ')
  if (output === 'probability_up' && !probabilities.includes(objective)) {
    const written = objective === '' ? 'states no objective' : `has the objective ${objective}`
    found.push(`the output is to be probability_up, but ${file} ${written}: y_pred may be no probability`)
  }
  const splits = booster.featureImportance('split')
  booster.featureName().forEach((name, feature) => {
    const why = unreproducible.get(name)
    if (why === undefined || splits[feature] === 0) return
    found.push(
      `the model splits on ${name} (${splits[feature]} times), whose values in training cannot be computed again: ${why}; scores may differ`,
    )
  })
  return found
}

/** Objectives whose outputs are probabilities. */
const probabilities = ['binary', 'cross_entropy', 'xentropy']
