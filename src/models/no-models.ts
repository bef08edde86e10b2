import { Problem } from '../errors.js'
import type { Registry } from './registry.js'

/** A registry without models, for work that needs none. */
export function noModels(): Registry {
  return {
    entries: () => [],
    entry: () => undefined,
    served: (name) => {
      throw new Problem('unknown-model', `there is no model ${JSON.stringify(name)}: this process loads none`)
    },
    ready: () => undefined,
    lease: () => () => undefined,
    reload: () => Promise.resolve({ added: [], swapped: [], removed: [], refused: [], unsettled: [] }),
    loaded: Promise.resolve(),
    isLoaded: () => true,
    close: () => undefined,
  }
}
