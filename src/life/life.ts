import { randomUUID } from 'node:crypto'
import type { ModelEntry } from '../models/model.js'
import type { Registry } from '../models/registry.js'
import type { LogStore, ModelState } from '../store/log-store.js'

/** What a process writes down about itself, so that a bar without a prediction can say why. */
export interface Life {
  /** Begins a run, writes a sign of life every so often, and the models' states once they are loaded. */
  begin(): Promise<void>
  /** Ends the run with a last sign of life. */
  close(): Promise<void>
}

export interface LifeParts {
  readonly log: Pick<LogStore, 'alive' | 'modelStates' | 'latestModelStates'>
  readonly registry: Pick<Registry, 'entries' | 'loaded'>
  /** The server's clock, epoch milliseconds. */
  readonly nowMs: () => number
  /** Told what could not be written; the next sign of life tries again. */
  readonly onError: (error: unknown) => void
  readonly everyMs?: number
}

/** A process that is killed is missed for at most this long. */
const minuteMs = 60_000

export function createLife({ log, registry, nowMs, onError, everyMs = minuteMs }: LifeParts): Life {
  const id = randomUUID()
  let fromMs = 0
  let timer: NodeJS.Timeout | undefined
  let isLoaded = false
  /** States as they are written down, by model. */
  let noted: ReadonlyMap<string, ModelState['state']> | undefined
  let lastSign: Promise<void> = Promise.resolve()

  return {
    async begin() {
      fromMs = nowMs()
      await sign()
      timer = setInterval(() => void sign(), everyMs).unref()
      void registry.loaded.then(() => {
        isLoaded = true
        return timer === undefined ? undefined : sign()
      })
    },
    async close() {
      if (timer === undefined) return
      clearInterval(timer)
      timer = undefined
      await sign()
    },
  }

  function sign(): Promise<void> {
    lastSign = lastSign
      .then(() => log.alive({ id, fromMs, untilMs: nowMs() }))
      .then(() => (isLoaded ? noteModels() : undefined))
      .catch(onError)
    return lastSign
  }

  /** Only what is other than it was: a model that stays served for a year is written down once, one that is swapped or removed at the next sign. */
  async function noteModels(): Promise<void> {
    const before = noted ?? new Map((await log.latestModelStates()).map(({ model, state }) => [model, state]))
    const now = new Map(registry.entries().flatMap(({ name, state }) => (state === 'loading' ? [] : [[name, toNoted(state)] as const])))
    for (const { name, state } of registry.entries()) {
      const known = before.get(name)
      if (state === 'loading' && known !== undefined) now.set(name, known)
    }
    for (const model of before.keys()) if (!now.has(model)) now.set(model, 'absent')
    const changed = [...now].filter(([model, state]) => before.get(model) !== state)
    await log.modelStates(changed.map(([model, state]) => ({ model, state, fromMs: nowMs() })))
    noted = now
  }
}

/** A model that is loaded when it is first asked answers. */
function toNoted(state: Exclude<ModelEntry['state'], 'loading'>): ModelState['state'] {
  return state === 'refused' ? 'refused' : 'served'
}
