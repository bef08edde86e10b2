import type { Store } from '../store/store.js'
import type { Replayer } from './replayer.js'
import type { ReplayResult, Verdict } from './verdict.js'

export interface SamplerParts {
  readonly store: Pick<Store, 'sample'>
  readonly replayer: Pick<Replayer, 'replay'>
  /** Replays per hour, spread evenly; 0: none. */
  readonly perHour: number
  readonly count: (result: ReplayResult) => void
  readonly onDifferent: (verdict: Verdict) => void
  readonly onFailure: (cause: unknown) => void
}

/** Replays stored predictions in the background, one now and then, drawn by chance. */
export interface Sampler {
  /** Replays one now; undefined when nothing is stored. */
  once(): Promise<Verdict | undefined>
  /** Waits for the replay that runs, and begins no other. */
  close(): Promise<void>
}

export function startSampler({ store, replayer, perHour, count, onDifferent, onFailure }: SamplerParts): Sampler {
  let running: Promise<unknown> = Promise.resolve()
  let isBusy = false
  const timer = perHour > 0 ? setInterval(tick, 3_600_000 / perHour).unref() : undefined

  return {
    once,
    close: async () => {
      clearInterval(timer)
      await running
    },
  }

  function tick(): void {
    if (isBusy) return
    isBusy = true
    running = once()
      .catch(onFailure)
      .finally(() => (isBusy = false))
  }

  async function once(): Promise<Verdict | undefined> {
    const [prediction] = (await store.sample({ limit: 1 })).rows
    if (prediction === undefined) return undefined
    const verdict = await replayer.replay(prediction)
    count(verdict.result)
    if (verdict.result === 'different') onDifferent(verdict)
    return verdict
  }
}
