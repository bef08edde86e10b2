import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t, { type Test } from 'tap'
import { createFollowing, type Following } from '../../src/following/follow.js'
import { rehearsalClock } from '../../src/following/clock.js'
import type { FollowEvent } from '../../src/following/follow-series.js'
import { createOpenSource } from '../../src/following/open-source.js'
import { readFollowFile } from '../../src/following/read-follow-file.js'
import { createSinkHere } from '../../src/following/sink-here.js'
import { type KlineFault, startKlineServer } from '../support/kline-server.js'
import { endingAt, readBtcusdt, toRows } from '../support/btcusdt.js'
import { copyModels, type Service, startService, temporaryFolder } from '../support/service.js'

const hourMs = 3_600_000
const all = readBtcusdt()
/** Bars that are there when following begins, and bars that close while it goes on. */
const nBefore = 740
const nBars = 90
const lastMs = Date.UTC(2025, 8, 29, 22)
const history = toRows(endingAt(all, lastMs, nBefore + nBars))
const beginMs = lastMs - nBars * hourMs
/** 15 bars a second. */
const speed = 15 * 3_600
const model = 'btcusdt-up-24h'

interface Followed {
  readonly service: Service
  readonly following: Following
  readonly events: FollowEvent[]
  readonly clock: ReturnType<typeof rehearsalClock>
  /** Bars from here on close while it goes on. */
  readonly fromMs: number
}

function follow(
  t: Test,
  service: Service,
  source: object,
  { fromMs = beginMs + 40 * hourMs, ...more }: { fromMs?: number } = {},
): Followed {
  const clock = rehearsalClock(fromMs + hourMs / 2, speed)
  const path = join(temporaryFolder(t), 'follow.json')
  const retry = { first_ms: 10, most_ms: 40 }
  writeFileSync(path, JSON.stringify({ series: [{ symbol: 'BTCUSDT', timeframe: '1h', models: [model], source, retry, ...more }] }))
  const { registry, store, predict } = service.parts
  const events: FollowEvent[] = []
  const following = createFollowing({
    file: readFollowFile(path, {}),
    openSource: createOpenSource({}, 'own.duckdb'),
    sink: createSinkHere({ registry, store, predict, nowMs: () => clock.nowMs() }),
    clock,
    tell: (event) => {
      events.push(event)
    },
  })
  t.teardown(() => following.close())
  return { service, following, events, clock, fromMs }
}

async function until(what: string, isDone: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (await isDone()) return
  }
  throw new Error(`not within 30 s: ${what}`)
}

/** Waits until the newest bar is predicted; compares what is stored with what the market knows. */
async function checkEverything(t: Test, { service, following, events, fromMs }: Followed, rows: readonly (readonly number[])[]) {
  const { store } = service.parts
  const series = { symbol: 'BTCUSDT', timeframe: '1h' }
  const list = () => store.list({ ...series, model, order: 'asc', history: true, limit: 10_000 })
  await until('all bars predicted', async () => (await list()).some(({ barTimeMs }) => barTimeMs >= lastMs))
  await following.close()

  const frame = await store.candles.read(series, 0, Infinity)
  const wanted = rows.filter(([ms]) => ms! >= frame.openTimeMs[0]! && ms! <= frame.openTimeMs.at(-1)!)
  const { openTimeMs, open, high, low, close, volume } = frame
  t.strictSame(
    Array.from(openTimeMs, (ms, bar) => [ms, open[bar], high[bar], low[bar], close[bar], volume[bar]]),
    wanted,
    'every closed bar with its values',
  )
  const predictions = await list()
  const newestMs = openTimeMs.at(-1)!
  const times = predictions.map(({ barTimeMs }) => barTimeMs)
  const firstMs = times[0]!
  t.ok(firstMs <= fromMs + 2 * hourMs, 'from the first bar on')
  t.strictSame(
    times,
    Array.from({ length: (newestMs - firstMs) / hourMs + 1 }, (_, n) => firstMs + n * hourMs),
    'every bar predicted once, none superseded',
  )
  return { predictions, failures: events.filter((event) => event.kind === 'failed').map(({ failure }) => failure.reason) }
}

t.test('a kline server that misbehaves in every way', async (t) => {
  const service = await startService(t, { env: { BARCAST_MODELS: copyModels(t, [model]) } })
  const rows = history.map((row) => [...row])
  const followed: { clock?: Followed['clock'] } = {}
  const server = await startKlineServer((sinceMs, limit) => {
    const nowMs = followed.clock!.nowMs()
    const begun = rows.filter(([ms]) => ms! >= sinceMs && ms! <= nowMs).slice(0, limit)
    return begun.map((row) => (row[0]! + hourMs > nowMs ? row.with(4, row[1]!).with(5, 0.001) : row))
  }, t)
  const here = follow(t, service, { kind: 'http', url: server.url, timeout_ms: 150, limit: 200 }, { fromMs: beginMs })
  followed.clock = here.clock
  const faults: KlineFault[] = [
    'slow',
    'limited',
    'broken',
    'truncated',
    'hang-up',
    'unordered',
    'conflict',
    'redirect',
    'empty',
    'slow-body',
  ]
  here.following.start()
  const predictedUpTo = async () => (await service.parts.store.list({ order: 'desc', history: false, limit: 1 }))[0]?.barTimeMs ?? 0
  await until('the first bars', async () => (await predictedUpTo()) >= beginMs + 2 * hourMs)
  server.fail(...faults)
  await until('the faults are over', () => faults.every((fault) => server.requests.some((request) => request.fault === fault)))

  // An outage, and a bar that is revised meanwhile.
  server.outage = true
  const before = await predictedUpTo()
  const revised = rows.find(([ms]) => ms === before)!
  revised[5]! += 1
  await until('bars are missed', () => here.following.states()[0]!.missingBars! >= 5)
  server.outage = false

  const { predictions, failures } = await checkEverything(t, here, rows)
  for (const reason of ['timeout', 'rate-limited', 'status', 'bad-json', 'unreachable', 'conflicting-candles'])
    t.ok(failures.includes(reason as never), reason)
  t.equal(server.mostAtOnce(), 1, 'one request at a time')
  const revisions = await service.parts.store.candles.revisions({ limit: 10 })
  t.strictSame(
    revisions.map(({ openTimeMs }) => openTimeMs),
    [before],
    'the revision is recorded',
  )
  const caughtUp = predictions.filter(({ origin }) => origin === 'catch-up')
  t.ok(caughtUp.length >= 4, `${caughtUp.length} caught up`)
  t.ok(
    predictions.some(({ origin }) => origin === 'late' || origin === 'live'),
    'the others on time',
  )
})

t.test('a CSV file that grows', async (t) => {
  const service = await startService(t, { env: { BARCAST_MODELS: copyModels(t, [model]) } })
  const path = join(temporaryFolder(t), 'bars.csv')
  const header = 'timestamp,open,high,low,close,volume\n'
  const begun = history.findIndex(([ms]) => ms! >= beginMs + 40 * hourMs)
  writeFileSync(
    path,
    header +
      history
        .slice(0, begun)
        .map((row) => `${row.join(',')}\n`)
        .join(''),
  )
  const here = follow(t, service, { kind: 'csv', path })
  let written = begun
  let rest = ''
  const writing = setInterval(() => {
    if (rest === '' && written < history.length && history[written]![0]! + hourMs <= here.clock.nowMs()) {
      rest = `${history[written++]!.join(',')}\n`
      appendFileSync(path, rest.slice(0, 20))
      rest = rest.slice(20)
    } else {
      appendFileSync(path, rest)
      rest = ''
    }
  }, 5)
  t.teardown(() => clearInterval(writing))
  here.following.start()
  await checkEverything(t, here, history)
})

t.test('a DuckDB table', async (t) => {
  const service = await startService(t, { env: { BARCAST_MODELS: copyModels(t, [model]) } })
  const path = join(temporaryFolder(t), 'theirs.duckdb')
  const run = async (statement: string) => {
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    await connection.run(statement)
    connection.closeSync()
    instance.closeSync()
  }
  await run('CREATE TABLE bars (timestamp TIMESTAMP PRIMARY KEY, open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE)')
  const insert = (rows: readonly (readonly number[])[]) =>
    run(
      `INSERT INTO bars VALUES ${rows.map(([ms, ...cells]) => `(make_timestamp(${ms! * 1_000}::BIGINT), ${cells.join(', ')})`).join(', ')}`,
    )
  const laterMs = lastMs - 20 * hourMs
  await insert(history.filter(([ms]) => ms! < laterMs))
  const here = follow(t, service, { kind: 'duckdb', path, table: 'bars' })
  here.following.start()
  await until('most bars', () => (here.following.states()[0]!.newestMs ?? 0) >= laterMs - hourMs)
  await insert(history.filter(([ms]) => ms! >= laterMs))
  await checkEverything(t, here, history)
})

t.test('a series that is broken holds no other; it ends within a second', async (t) => {
  const service = await startService(t, { env: { BARCAST_MODELS: copyModels(t, [model]) } })
  const server = await startKlineServer(() => [], t)
  server.fail('slow')
  const good = join(temporaryFolder(t), 'bars.csv')
  writeFileSync(good, `timestamp,open,high,low,close,volume\n${history.map((row) => `${row.join(',')}\n`).join('')}`)
  const path = join(temporaryFolder(t), 'two.json')
  const series = (source: object, symbol: string) => ({ symbol, timeframe: '1h', source })
  const sources = [series({ kind: 'http', url: server.url, timeout_ms: 60_000 }, 'ETHUSDT'), series({ kind: 'csv', path: good }, 'BTCUSDT')]
  writeFileSync(path, JSON.stringify({ series: sources }))
  const { registry, store, predict } = service.parts
  const following = createFollowing({
    file: readFollowFile(path, {}),
    openSource: createOpenSource({}, 'none'),
    sink: createSinkHere({ registry, store, predict, nowMs: Date.now }),
    clock: rehearsalClock(lastMs, 1),
  })
  following.start()
  await until('the good one', async () => (await store.list({ order: 'desc', history: false, limit: 1 })).length === 1)
  t.match(following.states(), [{ state: 'looking', newestMs: null }, { series: { symbol: 'BTCUSDT' } }])
  const started = Date.now()
  await following.close()
  t.ok(Date.now() - started < 1_000)
  t.match(following.states(), [{ state: 'stopped' }, { state: 'stopped' }])
})
