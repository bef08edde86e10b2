import { invalidAt, Problem } from '../errors.js'
import { type Catalogue, FeatureMismatch, type Plan, type Window } from '../features/catalogue.js'

/** Compiled programs that are kept, the least recently used is let go of first. */
const maxPlans = 16

/** Compiles feature names, and keeps what was compiled. Throws Problem `feature-mismatch` for names that the catalogue does not have. */
export function createPlans(): (catalogue: Catalogue, names: readonly string[], window: Window) => Plan {
  const plans = new Map<string, Plan>()
  return (catalogue, names, window) => {
    const key = JSON.stringify([catalogue.name, window.baseBars, window.bufferBars, names])
    const plan = plans.get(key) ?? compile(catalogue, names, window)
    plans.delete(key)
    plans.set(key, plan)
    if (plans.size > maxPlans) plans.delete(plans.keys().next().value as string)
    return plan
  }
}

function compile(catalogue: Catalogue, names: readonly string[], window: Window): Plan {
  try {
    return catalogue.compile(names, window)
  } catch (error) {
    if (error instanceof RangeError) throw invalidAt('/base_bars', `catalogue ${catalogue.name} refuses the window: ${error.message}`)
    if (!(error instanceof FeatureMismatch)) throw error
    const shown = error.unknown.slice(0, 50)
    const detail = shown.slice(0, 5).map(({ name, nearest }) => (nearest === null ? name : `${name} (nearest: ${nearest})`))
    const more = error.unknown.length > detail.length ? ` and ${error.unknown.length - detail.length} more` : ''
    throw new Problem('feature-mismatch', `catalogue ${catalogue.name} has no such features: ${detail.join(', ')}${more}`, {
      missing: shown.map(({ name }) => name),
      missing_count: error.unknown.length,
      nearest: Object.fromEntries(shown.map(({ name, nearest }) => [name, nearest])),
    })
  }
}
