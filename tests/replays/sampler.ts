import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { startSampler } from '../../src/replays/sampler.js'
import { identical, type Verdict } from '../../src/replays/verdict.js'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import type { Store, StoredPrediction } from '../../src/store/store.js'
import { firstBarMs, hourMs, prediction } from '../store/support/prediction.js'

async function filled(): Promise<Store> {
  const store = await openDuckdbStore({ path: ':memory:' })
  const bars = [0, 1, 2, 500]
  await store.record(
    bars.flatMap((bar) => ['a', 'b'].map((model) => prediction({ id: `${model}${bar}`, model, barTimeMs: firstBarMs + bar * hourMs }))),
  )
  return store
}

const quiet = { onDifferent: () => undefined, onFailure: () => undefined }

t.test('every prediction has its turn', async (t) => {
  const store = await filled()
  const seen = new Map<string, number>()
  const results: string[] = []
  const replay = (drawn: StoredPrediction) => {
    seen.set(drawn.id, (seen.get(drawn.id) ?? 0) + 1)
    return Promise.resolve(identical(drawn))
  }
  const sampler = startSampler({ store, replayer: { replay }, perHour: 0, count: (result) => results.push(result), ...quiet })
  for (let k = 0; k < 200; k++) await sampler.once()
  t.equal(results.length, 200)
  t.equal(seen.size, 8, 'every bar, every model')
  await sampler.close()
  await store.close()
})

t.test('one at a time, as often as it was asked for, and differences are told', async (t) => {
  const store = await filled()
  const different: Verdict[] = []
  let running = 0
  let most = 0
  let replays = 0
  const replay = async (drawn: StoredPrediction): Promise<Verdict> => {
    most = Math.max(most, ++running)
    await setTimeout(30)
    running--
    replays++
    return { ...identical(drawn), result: 'different', differs: ['y_pred'], detail: 'y_pred differs' }
  }
  const parts = { store, replayer: { replay }, onFailure: () => undefined, onDifferent: (verdict: Verdict) => void different.push(verdict) }
  const sampler = startSampler({ ...parts, perHour: 3_600_000 / 5, count: () => undefined })
  await setTimeout(250)
  await sampler.close()
  t.equal(running, 0, 'closing waits for the one that runs')
  t.equal(most, 1)
  t.ok(replays >= 2 && replays === different.length, `${replays} replays`)
  const after = replays
  await setTimeout(60)
  t.equal(replays, after)
  await store.close()
})

t.test('off, empty, failing', async (t) => {
  const empty = await openDuckdbStore({ path: ':memory:' })
  const failures: unknown[] = []
  const replay = () => Promise.reject(new Error('no'))
  const count = () => undefined
  const idle = startSampler({ store: empty, replayer: { replay }, perHour: 0, count, ...quiet })
  t.equal(await idle.once(), undefined)
  await idle.close()
  const store = await filled()
  const failing = startSampler({
    store,
    replayer: { replay },
    perHour: 3_600_000 / 5,
    count,
    ...quiet,
    onFailure: (cause) => failures.push(cause),
  })
  await setTimeout(150)
  await failing.close()
  t.ok(failures.length > 0)
  await empty.close()
  await store.close()
})
