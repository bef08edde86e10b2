import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import type { Frame } from '../../../src/candles/frame.js'
import { openDuckdbStore } from '../../../src/store/duckdb.js'
import type { Commit } from '../../../src/store/store.js'
import { bars } from '../support/bars.js'
import { firstBarMs, hourMs, prediction } from '../support/prediction.js'

let files = 0
const folder = t.testdir()
const newPath = () => join(folder, `${files++}.duckdb`)

t.test('candles as of each commit, also of calls that were committed together', async (t) => {
  const commits: Commit[] = []
  const store = await openDuckdbStore({ path: newPath() })
  store.onCommit((commit) => commits.push(commit))
  const series = { symbol: 'BTCUSDT', timeframe: '1h' }
  const first = await store.revision()
  const changes = await Promise.all([
    store.candles.keep(series, bars(300, 1), firstBarMs),
    store.record([prediction({ id: 'A' })], { candles: bars(300, 2) }),
    store.candles.keep(series, bars(300, 2), firstBarMs),
    store.record([prediction({ id: 'B' })], { candles: bars(2, 3) }),
    store.record([prediction({ id: 'A' })], { candles: bars(2, 3) }),
  ])
  t.match(changes[0], { added: 300, known: 0, revised: [] })
  t.same(changes[2], { added: 0, known: 300, revised: [] })
  t.same(
    [changes[1], changes[3], changes[4]].map(([recorded]) => [recorded?.isNew, recorded?.prediction.revision]),
    [
      [true, first + 2],
      [true, first + 3],
      [false, first + 2],
    ],
  )
  t.equal(await store.revision(), first + 3)
  const closes = async (asOf?: number) => {
    const frame = await store.candles.read(series, firstBarMs, firstBarMs + 299 * hourMs, asOf)
    return [frame.nBars, frame.close[0], frame.close[299]]
  }
  t.same(await Promise.all([first, first + 1, first + 2, first + 3, undefined].map(closes)), [
    [0, undefined, undefined],
    [300, 1, 1],
    [300, 2, 2],
    [300, 3, 2],
    [300, 3, 2],
  ])
  t.equal(commits.length, 1, 'one commit for all')
  t.match(commits[0], {
    revision: first + 3,
    predictions: [
      { id: 'A', supersededBy: 'B' },
      { id: 'B', supersedes: 'A' },
    ],
    candles: [{ ...series, firstMs: firstBarMs, lastMs: firstBarMs + 299 * hourMs }],
  })
  t.equal(commits[0]?.candles[0]?.revised.length, 300)
  const revisions = await store.candles.revisions({ limit: 3 })
  t.match(revisions, [
    { ...series, openTimeMs: firstBarMs + hourMs, old: { close: 2 }, new: { close: 3 }, oldRevision: first + 2, revision: first + 3 },
    { openTimeMs: firstBarMs },
    { openTimeMs: firstBarMs + 299 * hourMs, old: { close: 1 }, new: { close: 2 }, oldRevision: first + 1, revision: first + 2 },
  ])
  t.equal((await store.candles.revisions({ limit: 1_000, after: revisions[1]! })).length, 300, 'pages join')
  t.equal((await store.candles.revisions({ limit: 1_000, fromMs: firstBarMs + hourMs, toMs: firstBarMs + hourMs })).length, 2)
  t.same(await store.candles.revisions({ limit: 1_000, symbol: 'ETHUSDT' }), [])
  await store.close()
})

t.test('absences beside: kept with the rest, and by themselves without using a number', async (t) => {
  const store = await openDuckdbStore({ path: newPath() })
  const absence = {
    symbol: 'BTCUSDT',
    timeframe: '1h',
    model: 'm',
    barTimeMs: firstBarMs,
    reason: 'gap',
    detail: 'A bar is missing.',
    recordedAtMs: firstBarMs,
  } as const
  const later = { ...absence, barTimeMs: firstBarMs + hourMs }
  await store.record([prediction({ id: 'A' })], { absences: [absence], candles: bars(2, 1) })
  const revision = await store.revision()
  await store.record([], { absences: [absence, later] })
  t.equal(await store.revision(), revision)
  const query = { symbol: 'BTCUSDT', timeframe: '1h', model: 'm', fromMs: firstBarMs, toMs: later.barTimeMs }
  t.same(await store.log.listAbsences(query), [absence, later])
  await t.rejects(
    store.record([{ ...prediction({ id: 'B' }), model: undefined as unknown as string }], { absences: [{ ...later, model: 'x' }] }),
  )
  t.same(await store.log.listAbsences({ ...query, model: 'x' }), [], 'not without the rest')
  await store.record([], { absences: [{ ...absence, model: 'x' }], candles: bars(3, 1) })
  t.equal((await store.candles.extent(absence))?.lastMs, firstBarMs + 2 * hourMs, 'an absence names the series too')
  await store.close()
})

t.test('coverage tells gaps, and revised bars count once', async (t) => {
  const store = await openDuckdbStore({ path: newPath() })
  const keep = (timeframe: string, symbol: string, frame: Frame) => store.candles.keep({ symbol, timeframe }, frame, firstBarMs)
  await keep('4h', 'A', { ...bars(2, 1), openTimeMs: Float64Array.of(firstBarMs, firstBarMs + 4 * hourMs) })
  await keep('1h', 'B', bars(1, 1))
  await keep('1h', 'A', { ...bars(4, 1), openTimeMs: Float64Array.from([0, 1, 4, 6], (k) => firstBarMs + k * hourMs) })
  await keep('1h', 'A', bars(2, 5))
  const at = (k: number) => firstBarMs + k * hourMs
  const all = await store.candles.coverage({})
  t.same(all, [
    {
      symbol: 'A',
      timeframe: '1h',
      firstMs: at(0),
      lastMs: at(6),
      nBars: 4,
      gaps: [
        { fromMs: at(2), toMs: at(3), nBars: 2 },
        { fromMs: at(5), toMs: at(5), nBars: 1 },
      ],
    },
    { symbol: 'A', timeframe: '4h', firstMs: at(0), lastMs: at(4), nBars: 2, gaps: [] },
    { symbol: 'B', timeframe: '1h', firstMs: at(0), lastMs: at(0), nBars: 1, gaps: [] },
  ])
  t.same(await store.candles.coverage({ timeframe: '1h' }), [all[0], all[2]])
  t.same(await store.candles.coverage({ symbol: 'B', timeframe: '4h' }), [])
  await store.close()
})

t.test('a call that fails leaves nothing of what came beside it, also in memory', async (t) => {
  const store = await openDuckdbStore({ path: newPath() })
  const series = { symbol: 'BTCUSDT', timeframe: '1h' }
  await store.candles.keep(series, bars(2, 1), firstBarMs)
  const revision = await store.revision()
  const good = store.record([prediction({ id: 'GOOD' })], { candles: bars(1, 3) })
  const broken = { ...prediction({ id: 'BAD' }), model: undefined as unknown as string }
  await t.rejects(store.record([broken], { candles: bars(2, 7) }))
  t.match(await good, [{ isNew: true }])
  t.same((await store.candles.read(series, 0, Infinity)).close, Float64Array.of(3, 1))
  t.equal(await store.revision(), revision + 1)
  t.same(await store.candles.keep(series, bars(2, 1), firstBarMs), { added: 0, known: 1, revised: [firstBarMs] })
  await t.rejects(store.record([], { candles: bars(1, 1) }), TypeError)
  await store.close()
})

t.test('more blocks than are remembered, far apart: what is read is what was kept', async (t) => {
  const path = newPath()
  let store = await openDuckdbStore({ path })
  const series = (k: number) => ({ symbol: `S${k}`, timeframe: '1h' })
  const sparse = (k: number): Frame => ({ ...bars(500, k + 1), openTimeMs: Float64Array.from({ length: 500 }, (_, i) => at(i)) })
  for (let k = 0; k < 4; k++) await store.candles.keep(series(k), sparse(k), firstBarMs)
  const readAndKeep = async () => {
    for (const k of [0, 1, 2, 3, 0]) {
      const all = await store.candles.read(series(k), firstBarMs, Infinity)
      t.same(all, sparse(k))
      const some = await store.candles.read(series(k), at(10), at(12) - 1)
      t.same([some.nBars, some.openTimeMs[1], some.close[1]], [2, at(11), k + 1])
      t.equal((await store.candles.read(series(k), at(10) + 1, at(11) - 1)).nBars, 0)
      t.same(await store.candles.keep(series(k), sparse(k), firstBarMs), { added: 0, known: 500, revised: [] })
    }
  }
  await readAndKeep()
  await store.close()
  store = await openDuckdbStore({ path })
  await readAndKeep()
  await store.close()

  /** One bar in each block. */
  function at(i: number): number {
    return firstBarMs + i * 256 * hourMs
  }
})

t.test('reads while bars are revised see all of a commit or nothing of it', async (t) => {
  const store = await openDuckdbStore({ path: newPath() })
  const series = { symbol: 'BTCUSDT', timeframe: '1h' }
  await store.candles.keep(series, bars(600, 1), firstBarMs)
  const numbers = [await store.revision()]
  let isDone = false
  let reads = 0
  const writing = (async () => {
    for (let value = 2; value < 12 || reads <= 10; value++) {
      await store.candles.keep(series, bars(600, value), firstBarMs)
      numbers.push(await store.revision())
    }
    isDone = true
  })()
  while (!isDone) {
    const back = numbers.length - 1 - (reads % 3)
    const asOf = numbers[back]
    const frame = await store.candles.read(series, firstBarMs, Infinity, back < 0 || reads % 4 === 0 ? undefined : asOf)
    const closes = new Set(frame.close)
    if (closes.size !== 1 || frame.nBars !== 600) t.fail(`read ${frame.nBars} bars with ${closes.size} values`)
    if (reads % 4 !== 0 && back >= 0 && !closes.has(back + 1)) t.fail(`as of commit ${back} the value is ${[...closes].join()}`)
    reads++
    await nextTurn()
  }
  await writing
  await store.close()
})
