import type { Registry } from '../models/registry.js'
import type { Store } from '../store/store.js'

export interface Readiness {
  readonly ready: boolean
  readonly closing: boolean
  readonly store: { readonly state: 'open' | 'unavailable' }
  readonly models: {
    readonly state: 'loading' | 'loaded'
    readonly loading: number
    readonly served: number
    readonly refused: number
    /** Names that readiness depends on, and the state of each; `absent` when the models directory has no such folder. */
    readonly required: Readonly<Record<string, 'loading' | 'served' | 'refused' | 'absent'>>
  }
}

export interface ReadinessParts {
  readonly registry: Registry
  readonly store: Store
  readonly requiredModels: readonly string[]
  /** True once the service has been told to end. */
  readonly isClosing: () => boolean
}

const storeAnswersWithinMs = 1_000

/**
 * Looks at every part that a prediction needs: the store answers, loading is done, at least one model is served, and every required one,
 * and nobody asked the service to end.
 */
export function createReadiness(parts: ReadinessParts): () => Promise<Readiness> {
  const { registry, store, requiredModels, isClosing } = parts
  let loaded = false
  void registry.loaded.then(() => (loaded = true))

  return async () => {
    const open = await answersInTime(store)
    const entries = registry.entries()
    const count = (state: string) => entries.filter((entry) => entry.state === state).length
    const required = Object.fromEntries(requiredModels.map((name) => [name, registry.entry(name)?.state ?? 'absent'] as const))
    const served = count('served')
    const closing = isClosing()
    const ready = !closing && open && loaded && served > 0 && Object.values(required).every((state) => state === 'served')
    const state = loaded ? 'loaded' : 'loading'
    return {
      ready,
      closing,
      store: { state: open ? 'open' : 'unavailable' },
      models: { state, loading: count('loading'), served, refused: count('refused'), required },
    }
  }
}

async function answersInTime(store: Store): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, storeAnswersWithinMs, false)))
  try {
    return await Promise.race([store.revision().then(() => true), tooLate])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
