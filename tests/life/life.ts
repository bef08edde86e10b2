import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { createLife } from '../../src/life/life.js'
import type { ModelEntry } from '../../src/models/model.js'
import { openDuckdbStore } from '../../src/store/duckdb.js'

const entry = (name: string, state: 'served' | 'refused' | 'loading') => ({ name, state }) as ModelEntry

t.test('a run, its signs of life, and the states of models that changed', async (t) => {
  const store = await openDuckdbStore({ path: ':memory:' })
  const { log } = store
  t.teardown(() => store.close())
  let nowMs = 1_000
  let loaded!: () => void
  const registryOf = (entries: ModelEntry[]) => ({
    entries: () => entries,
    loaded: new Promise<void>((resolve) => (loaded = resolve)),
  })
  const onError = (error: unknown) => t.fail(String(error))
  const first = createLife({
    log,
    registry: registryOf([entry('a', 'served'), entry('b', 'refused')]),
    nowMs: () => nowMs,
    onError,
    everyMs: 20,
  })
  await first.begin()
  t.match(await log.runs(0, 1e12), [{ fromMs: 1_000, untilMs: 1_000 }])
  t.strictSame(await log.latestModelStates(), [], 'not before they are loaded')
  nowMs = 2_000
  loaded()
  while ((await log.runs(2_000, 1e12)).length === 0) await setTimeout(10)
  while ((await log.latestModelStates()).length === 0) await setTimeout(10)
  nowMs = 3_000
  await first.close()
  t.match(await log.runs(0, 1e12), [{ fromMs: 1_000, untilMs: 3_000 }], 'a last sign')
  await first.close()

  nowMs = 9_000
  const second = createLife({ log, registry: registryOf([entry('b', 'refused'), entry('c', 'served')]), nowMs: () => nowMs, onError })
  await second.begin()
  loaded()
  while ((await log.latestModelStates()).length < 3) await setTimeout(10)
  await second.close()
  t.equal((await log.runs(0, 1e12)).length, 2)
  t.strictSame(
    (await log.latestModelStates()).map(({ model, state, fromMs }) => [model, state, fromMs]),
    [
      ['a', 'absent', 9_000],
      ['b', 'refused', 2_000],
      ['c', 'served', 9_000],
    ],
    'only what is other than it was',
  )
})

t.test('what cannot be written is told, and tried again', async (t) => {
  let fails = true
  let signs = 0
  const errors: unknown[] = []
  const life = createLife({
    log: {
      alive: () => (fails ? Promise.reject(new Error('full')) : Promise.resolve(void signs++)),
      modelStates: () => Promise.resolve(),
      latestModelStates: () => Promise.resolve([]),
    },
    registry: { entries: () => [], loaded: Promise.resolve() },
    nowMs: () => 0,
    onError: (error) => errors.push(error),
    everyMs: 5,
  })
  await life.begin()
  t.equal(errors.length, 1, 'the service starts all the same')
  fails = false
  while (signs === 0) await setTimeout(5)
  await life.close()
})
