import type { FollowingState } from '../following/follow.js'
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
    /** Described; loaded when they are asked for the first time. */
    readonly idle: number
    readonly refused: number
    /** Names that readiness depends on, and the state of each; `absent` when the models directory has no such folder. */
    readonly required: Readonly<Record<string, 'loading' | 'idle' | 'served' | 'refused' | 'absent'>>
  }
  /** Followed series; undefined: following is not configured. */
  readonly following: readonly FollowingState[] | undefined
}

export interface ReadinessParts {
  readonly registry: Registry
  readonly store: Store
  readonly requiredModels: readonly string[]
  /** True once the service has been told to end. */
  readonly isClosing: () => boolean
  readonly following?: { readonly states: () => readonly FollowingState[] } | undefined
}

const storeAnswersWithinMs = 1_000

/**
 * Looks at every part that a prediction needs: the store answers, loading is done, at least one model is served, and every required one,
 * no followed series lags further than its configuration allows, and nobody asked the service to end.
 */
export function createReadiness(parts: ReadinessParts): () => Promise<Readiness> {
  const { registry, store, requiredModels, isClosing, following } = parts
  let loaded = false
  void registry.loaded.then(() => (loaded = true))

  return async () => {
    const open = await answersInTime(store)
    const entries = registry.entries()
    const count = (state: string) => entries.filter((entry) => entry.state === state).length
    const required = Object.fromEntries(requiredModels.map((name) => [name, registry.entry(name)?.state ?? 'absent'] as const))
    const served = count('served')
    const closing = isClosing()
    const followed = following?.states()
    const models = loaded && served + count('idle') > 0 && Object.values(required).every((state) => state === 'served' || state === 'idle')
    const ready = !closing && open && models && followed?.some(({ unready }) => unready) !== true
    const state = loaded ? 'loaded' : 'loading'
    return {
      ready,
      closing,
      store: { state: open ? 'open' : 'unavailable' },
      models: { state, loading: count('loading'), served, idle: count('idle'), refused: count('refused'), required },
      following: followed,
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
