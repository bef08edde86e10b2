import t from 'tap'
import { createChanges } from '../../src/predictions/changes.js'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import type { Commit } from '../../src/store/store.js'
import { firstBarMs, hourMs, prediction } from '../store/support/prediction.js'

const btc = { symbol: 'BTCUSDT', timeframe: '1h', model: 'a' }
const eth = { symbol: 'ETHUSDT', timeframe: '4h', model: 'b' }

t.test('versions and newest bars, by what is asked for', async (t) => {
  const store = await openDuckdbStore({ path: ':memory:' })
  t.teardown(() => store.close())
  await store.record([prediction({ id: 'P0', ...btc, barTimeMs: firstBarMs })])
  const changes = createChanges(store)
  await changes.ready()
  t.strictSame(changes.state({}), { version: 0, timeframes: ['1h'], newestMs: [firstBarMs] }, 'what was there before')

  await store.record([prediction({ id: 'P1', ...eth, barTimeMs: firstBarMs + hourMs })])
  t.strictSame(changes.state({}), { version: 1, timeframes: ['1h', '4h'], newestMs: [firstBarMs, firstBarMs + hourMs] })
  t.equal(changes.state({ symbol: 'BTCUSDT' }).version, 0, 'another line')
  t.equal(changes.state({ model: 'b', timeframe: '4h' }).version, 1)
  t.strictSame(changes.state({ symbol: 'nobody' }), { version: 0, timeframes: [], newestMs: [] })

  await store.record([prediction({ id: 'P2', ...btc, barTimeMs: firstBarMs - hourMs })])
  t.strictSame(changes.state(btc), { version: 2, timeframes: ['1h'], newestMs: [firstBarMs] }, 'an older bar')
  await store.record([prediction({ id: 'P2', ...btc, barTimeMs: firstBarMs - hourMs })])
  t.equal(changes.state({}).version, 2, 'a known one changes nothing')
})

t.test('what happens beside predictions changes no tag and wakes nobody', async (t) => {
  const store = await openDuckdbStore({ path: ':memory:' })
  t.teardown(() => store.close())
  const changes = createChanges(store)
  await changes.ready()
  let woken = 0
  changes.await({}, () => woken++)
  await store.log.alive({ id: 'r', fromMs: 0, untilMs: 60_000 })
  await store.log.modelStates([{ model: 'a', state: 'served', fromMs: 0 }])
  await store.log.absences([{ ...btc, barTimeMs: firstBarMs, reason: 'gap', detail: 'x', recordedAtMs: 0 }])
  const one = Float64Array.of(1)
  const frame = { nBars: 1, openTimeMs: Float64Array.of(firstBarMs), open: one, high: one, low: one, close: one, volume: one }
  await store.candles.keep(btc, frame, 0)
  t.equal(changes.state({}).version, 0)
  t.equal(woken, 0)
})

t.test('who is woken', (t) => {
  let tell: (commit: Commit) => void = () => undefined
  const changes = createChanges({ lines: () => Promise.resolve([]), onCommit: (listener) => ((tell = listener), () => undefined) })
  const row = { ...prediction({ id: 'P', ...btc }), supersedes: null, supersededBy: null, revision: 1 }
  const commit = (fields: Partial<Commit>): Commit => ({ revision: 1, predictions: [], candles: [], outcomes: 0, ...fields })
  const wakes = (awaited: Parameters<typeof changes.await>[0], fields: Partial<Commit>) => {
    let woken = 0
    const leave = changes.await(awaited, () => woken++)
    tell(commit(fields))
    tell(commit(fields))
    leave()
    return woken
  }
  const predictions = [row]
  t.equal(wakes({}, { predictions }), 1, 'once')
  t.equal(wakes(btc, { predictions }), 1)
  t.equal(wakes({ model: 'b' }, { predictions }), 0)
  t.equal(wakes({ fromMs: firstBarMs, toMs: firstBarMs }, { predictions }), 1)
  t.equal(wakes({ fromMs: firstBarMs + 1 }, { predictions }), 0)
  t.equal(wakes({ toMs: firstBarMs - 1 }, { predictions }), 0)
  t.equal(wakes({ origin: 'live' }, { predictions }), 0)
  t.equal(wakes({ origin: 'live' }, { predictions: [{ ...row, supersedes: 'O' }] }), 1, 'one of that origin may have gone')
  t.equal(wakes({}, { outcomes: 3 }), 1, 'outcomes of whatever bars')
  const settled = [{ ...btc, firstMs: firstBarMs, lastMs: firstBarMs + hourMs }]
  t.equal(wakes({ model: 'b' }, { outcomes: 3, settled }), 0)
  t.equal(wakes({ model: 'a', fromMs: firstBarMs + hourMs }, { outcomes: 3, settled }), 1)
  t.equal(wakes({ model: 'a', fromMs: firstBarMs + 2 * hourMs }, { outcomes: 3, settled }), 0)
  t.equal(wakes({}, {}), 0)

  let left = 0
  changes.await({}, () => left++)()
  tell(commit({ predictions }))
  t.equal(left, 0, 'who left is not told')
  t.end()
})
