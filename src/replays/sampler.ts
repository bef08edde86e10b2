import type { Store, StoredPrediction } from '../store/store.js'
import type { Replayer } from './replayer.js'
import type { ReplayResult, Verdict } from './verdict.js'

export interface SamplerParts {
  readonly store: Pick<Store, 'list'>
  readonly replayer: Pick<Replayer, 'replay'>
  /** Replays per hour, spread evenly; 0: none. */
  readonly perHour: number
  /** Between 0 and 1. */
  readonly random?: () => number
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

export function startSampler({ store, replayer, perHour, random = Math.random, count, onDifferent, onFailure }: SamplerParts): Sampler {
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
    const prediction = await draw()
    if (prediction === undefined) return undefined
    const verdict = await replayer.replay(prediction)
    count(verdict.result)
    if (verdict.result === 'different') onDifferent(verdict)
    return verdict
  }

  /** A moment by chance between the oldest and the newest bar, and the first prediction from there on. */
  async function draw(): Promise<StoredPrediction | undefined> {
    const [first, last] = await Promise.all([
      store.list({ order: 'asc', history: true, limit: 1 }),
      store.list({ order: 'desc', history: true, limit: 1 }),
    ])
    if (first[0] === undefined || last[0] === undefined) return undefined
    const fromMs = Math.ceil(first[0].barTimeMs + random() * (last[0].barTimeMs - first[0].barTimeMs))
    // Of the predictions of one bar any, so that every model has its turn.
    const [next] = await store.list({ order: 'asc', history: true, limit: 1, fromMs })
    if (next === undefined) return undefined
    const ofBar = await store.list({ order: 'asc', history: true, limit: 1_000, fromMs: next.barTimeMs, toMs: next.barTimeMs })
    return ofBar[Math.floor(random() * ofBar.length)]
  }
}
