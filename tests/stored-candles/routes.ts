import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { LightMyRequestResponse } from 'fastify'
import t, { type Test } from 'tap'
import type { Prediction } from '../../src/predictions/schema.js'
import {
  type CandlePage,
  candlePageSchema,
  type CoverageAnswer,
  coverageSchema,
  keptCandlesSchema,
  type RevisionPage,
  revisionPageSchema,
} from '../../src/stored-candles/schema.js'
import { type Columns, endingAt, mapColumns, readBtcusdt, toCsvText, toRecords, toRows } from '../support/btcusdt.js'
import { type Service, startService, temporaryFolder } from '../support/service.js'

const hourMs = 3_600_000
const all = readBtcusdt()
const lastMs = Date.UTC(2025, 8, 29, 22)
const model = 'btcusdt-logret-168h'
const iso = (ms: number) => new Date(ms).toISOString()
const of = (candles: unknown) => ({ symbol: 'BTCUSDT', timeframe: '1h', candles })

type Send = (body: unknown, query?: string, headers?: Record<string, string>) => Promise<LightMyRequestResponse>

async function start(t: Test, options: Parameters<typeof startService>[1] = {}): Promise<Service & { send: Send }> {
  const service = await startService(t, { atOnce: true, ...options })
  const send: Send = (body, query = '', headers = {}) => {
    const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
    const type = { 'content-type': 'application/json', ...headers }
    return service.app.inject({ method: 'POST', url: `/candles${query}`, payload, headers: type })
  }
  return { ...service, send }
}

const series = 'symbol=BTCUSDT&timeframe=1h'
const page = async ({ get }: Service, query = ''): Promise<CandlePage> => (await get(`/candles?${series}${query}`)).json<CandlePage>()

t.test('stored once, in whatever layout they come', async (t) => {
  const service = await start(t)
  const { send } = service
  const few = endingAt(all, lastMs, 5)
  const first = await send({ ...of(few), timeframe: '1H' })
  t.equal(first.statusCode, 201)
  t.ok(keptCandlesSchema.safeParse(first.json()).success, 'as documented')
  const sent = {
    symbol: 'BTCUSDT',
    timeframe: '1h',
    submitted: 5,
    added: 5,
    known: 0,
    revised: 0,
    unfinished_dropped: 0,
    first: iso(lastMs - 4 * hourMs),
    last: iso(lastMs),
  }
  t.strictSame(first.json(), sent)
  const known = { ...sent, added: 0, known: 5 }
  for (const candles of [few, toRecords(few), toRows(few).reverse(), mapColumns(few, (values) => values.map(String) as never)]) {
    const again = await send(of(candles))
    t.equal(again.statusCode, 200)
    t.strictSame(again.json(), known)
  }
  const csv = await send(toCsvText(few), `?${series}`, { 'content-type': 'text/csv' })
  t.strictSame([csv.statusCode, csv.json()], [200, known])
  const some = await send(of(endingAt(all, lastMs, 7)))
  t.match(some.json(), { added: 2, known: 5, submitted: 7 })
  t.strictSame(
    (await page(service)).candles,
    mapColumns(endingAt(all, lastMs, 7), (values, name) => (name === 'timestamp' ? (values.map(iso) as never) : values)),
  )
})

t.test('bars that are still open are dropped and counted', async (t) => {
  const { send } = await start(t, { nowMs: () => lastMs + hourMs })
  const row = toRows(endingAt(all, lastMs, 1))[0]!
  const open = await send(of([[lastMs + hourMs, ...row.slice(1)]]))
  t.strictSame(
    [open.statusCode, open.json()],
    [
      200,
      { symbol: 'BTCUSDT', timeframe: '1h', submitted: 1, added: 0, known: 0, revised: 0, unfinished_dropped: 1, first: null, last: null },
    ],
  )
  t.match((await send(of([row, [lastMs + hourMs, ...row.slice(1)]]))).json(), { added: 1, unfinished_dropped: 1, last: iso(lastMs) })
})

t.test('what cannot be stored is refused, and nothing of it is', async (t) => {
  const { send, get } = await start(t, { env: { BARCAST_BODY_LIMIT: '100kb' } })
  const few = endingAt(all, lastMs, 3)
  const refused = async (name: string, body: unknown, code: string, helps: object = {}, query = '', headers = {}) =>
    t.match((await send(body, query, headers)).json(), { code, ...helps }, name)
  await refused('empty', '', 'bad-json')
  await refused('no JSON', '{"symbol": ', 'bad-json')
  await refused('no symbol', { timeframe: '1h', candles: few }, 'invalid-request', { errors: [{ pointer: '/symbol' }] })
  await refused('no timeframe', { symbol: 'BTCUSDT', candles: few }, 'invalid-request', { errors: [{ pointer: '/timeframe' }] })
  await refused('a wrong timeframe', { ...of(few), timeframe: '2h' }, 'invalid-request', { errors: [{ pointer: '/timeframe' }] })
  await refused('no candles', { symbol: 'BTCUSDT', timeframe: '1h' }, 'invalid-request', { errors: [{ pointer: '/candles' }] })
  await refused('an unknown field', { ...of(few), model }, 'invalid-request', { errors: [{ pointer: '/model' }] })
  await refused('fields in the query of JSON', of(few), 'invalid-request', { errors: [{ pointer: 'symbol' }] }, '?symbol=BTCUSDT')
  await refused('no series of a CSV', toCsvText(few), 'invalid-request', { errors: [{ pointer: 'symbol' }] }, '', {
    'content-type': 'text/csv',
  })
  await refused('a cell', of({ ...few, close: [1, null, 2] }), 'invalid-request', { errors: [{ pointer: '/candles/close/1' }] })
  await refused('a price', of({ ...few, low: [1, 0, 2] }), 'bad-candle')
  await refused('two values', of([...toRows(few), toRows(few)[1]!.with(5, 1)]), 'conflicting-candle')
  await refused('another type', '{}', 'unsupported-media-type', {}, '', { 'content-type': 'text/plain' })
  await refused('too large', of(endingAt(all, lastMs, 5_000)), 'too-large')
  t.strictSame((await get('/candles/coverage')).json(), { coverage: [] })
})

t.test('read back in pages, both ways', async (t) => {
  const service = await start(t)
  // The exchange's gap of 2021-08-13 lies inside.
  const gapMs = Date.UTC(2021, 7, 13, 12)
  const stored = endingAt(all, gapMs, 50)
  await service.send(of(stored))
  const whole = await page(service)
  t.ok(candlePageSchema.safeParse(whole).success, 'as documented')
  t.equal(whole.next_cursor, null)
  for (const order of ['asc', 'desc'] as const) {
    const seen: CandlePage['candles'][] = []
    let cursor: string | null = null
    do {
      const next: CandlePage = await page(service, `&order=${order}&limit=7${cursor === null ? '' : `&cursor=${cursor}`}`)
      seen.push(next.candles)
      cursor = next.next_cursor
    } while (cursor !== null)
    t.strictSame(
      seen.map(({ close }) => close.length),
      [7, 7, 7, 7, 7, 7, 7, 1],
    )
    const joined = mapColumns(whole.candles as unknown as Columns, (_, name) => seen.flatMap((each) => each[name] as unknown as number[]))
    const expected = mapColumns(whole.candles as unknown as Columns, (values) => (order === 'asc' ? values : [...values].reverse()))
    t.strictSame(joined, expected, order)
  }
  const range = await page(service, `&from=${iso(gapMs - 2 * hourMs)}&to=${iso(gapMs - hourMs)}`)
  t.strictSame(range.candles.timestamp, [iso(gapMs - 2 * hourMs), iso(gapMs - hourMs)])
  t.strictSame((await page(service, `&from=${iso(gapMs + hourMs)}`)).candles.close, [])
  const fine = await page(service, `&from=${gapMs - 2 * hourMs + 0.5}&to=${iso(gapMs - 1).replace('999Z', '999999Z')}`)
  t.strictSame(fine.candles.timestamp, [iso(gapMs - hourMs)], 'times finer than a millisecond')
  t.strictSame((await service.get('/candles?symbol=NOBODY&timeframe=1h')).json<CandlePage>().candles.close, [])
  const link = (await service.get(`/candles?${series}&limit=49`)).headers.link as string
  t.equal((await service.get(link.slice(1, link.indexOf('>')))).json<CandlePage>().candles.close.length, 1)
  for (const query of [
    '',
    '?symbol=BTCUSDT',
    `?${series}&limit=0`,
    `?${series}&limit=50001`,
    `?${series}&cursor=x`,
    `?${series}&from=2&to=1`,
    `?${series}&x=1`,
  ])
    t.match((await service.get(`/candles${query}`)).json(), { code: 'invalid-request' }, query)
})

t.test('what is read can be sent as it is', async (t) => {
  const service = await start(t, { atOnce: false })
  await service.send(of(endingAt(all, lastMs, 726)))
  const { candles } = await page(service)
  const predicted = await service.post({ model, candles })
  t.equal(predicted.statusCode, 201)
  t.equal(predicted.json<{ predictions: Prediction[] }>().predictions[0]!.y_pred, 0.030967558971535417)
  const csv = await service.get(`/candles?${series}`, { accept: 'text/csv' })
  t.match(csv.headers['content-type'], /^text\/csv/)
  t.match((await service.send(csv.body, `?${series}`, { 'content-type': 'text/csv' })).json(), { known: 726, added: 0 })
})

t.test('as Parquet', async (t) => {
  const service = await start(t)
  const few = endingAt(all, lastMs, 3)
  await service.send(of(few))
  const response = await service.get(`/candles?${series}`, { accept: 'application/vnd.apache.parquet' })
  t.equal(response.headers['content-type'], 'application/vnd.apache.parquet')
  const path = join(temporaryFolder(t), 'candles.parquet')
  writeFileSync(path, response.rawPayload)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const rows = await (
    await connection.run(`SELECT epoch_ms(timestamp)::DOUBLE, open, high, low, close, volume FROM '${path}'`)
  ).getRowsJson()
  connection.closeSync()
  instance.closeSync()
  t.strictSame(rows, toRows(few))
})

t.test('entity tags are those of the series', async (t) => {
  for (const path of [`/candles?${series}`, `/candles/coverage?${series}`]) {
    const service = await start(t)
    await service.send(of(endingAt(all, lastMs, 3)))
    const etag = (await service.get(path)).headers.etag as string
    const status = async (headers = {}) => (await service.get(path, { 'if-none-match': etag, ...headers })).statusCode
    t.equal(await status(), 304)
    t.equal(await status({ accept: 'text/csv' }), path.includes('coverage') ? 304 : 200)
    await service.send({ ...of(endingAt(all, lastMs, 3)), symbol: 'OTHER' })
    t.equal(await status(), 304, 'another series')
    await service.send(of(endingAt(all, lastMs, 3)))
    t.equal(await status(), 304, 'nothing new')
    await service.send(of([toRows(endingAt(all, lastMs, 1))[0]!.with(5, 1)]))
    t.equal(await status(), 200, 'a revision')
  }
})

t.test('coverage', async (t) => {
  const { send, get } = await start(t)
  const gapMs = Date.UTC(2021, 7, 13, 12)
  await send(of(endingAt(all, gapMs, 20)))
  await send({ ...of(endingAt(all, lastMs, 2)), symbol: 'ETHUSDT' })
  const response = await get('/candles/coverage')
  t.ok(coverageSchema.safeParse(response.json()).success, 'as documented')
  const { coverage } = response.json<CoverageAnswer>()
  const times = endingAt(all, gapMs, 20).timestamp
  const missing = (times.at(-1)! - times[0]!) / hourMs + 1 - 20
  t.ok(missing > 0)
  t.match(coverage, [
    {
      symbol: 'BTCUSDT',
      timeframe: '1h',
      first: iso(times[0]!),
      last: iso(gapMs),
      bars: 20,
      missing,
      gaps: [{ from: '2021-08-13T02:00:00.000Z', bars: missing }],
    },
    { symbol: 'ETHUSDT', bars: 2, missing: 0, gaps: [] },
  ])
  t.equal((await get('/candles/coverage?symbol=ETHUSDT')).json<CoverageAnswer>().coverage.length, 1)
  t.equal((await get('/candles/coverage?timeframe=4h')).json<CoverageAnswer>().coverage.length, 0)
})

t.test('revisions name the predictions that had used the old values', async (t) => {
  const service = await start(t, { atOnce: false })
  const { send, post, get } = service
  const ids = async (nBars: number, endMs = lastMs, candles = all) =>
    (await post({ model, candles: endingAt(candles, endMs, nBars) })).json<{ predictions: Prediction[] }>().predictions[0]!.id
  const before = await ids(726, lastMs - 800 * hourMs)
  const used = await ids(726)
  const alsoUsed = await ids(726, lastMs - hourMs)
  const revisedMs = lastMs - 10 * hourMs
  const changed = mapColumns(all, (values, name) =>
    name === 'volume' ? values.map((value, bar) => (all.timestamp[bar] === revisedMs ? value + 1 : value)) : values,
  )
  t.match((await send(of(endingAt(changed, lastMs, 20)))).json(), { revised: 1, known: 19 })
  const after = await ids(726, lastMs, changed)
  t.not(after, used)

  const response = await get('/candles/revisions')
  t.ok(revisionPageSchema.safeParse(response.json()).success, 'as documented')
  const { revisions, next_cursor } = response.json<RevisionPage>()
  t.equal(next_cursor, null)
  t.equal(revisions.length, 1)
  const [revision] = revisions
  t.match(revision, { symbol: 'BTCUSDT', timeframe: '1h', open_time: iso(revisedMs) })
  t.equal(revision!.new.volume - revision!.old.volume > 0.99, true)
  t.strictSame(
    revision!.predictions,
    { count: 2, ids: [alsoUsed, used] },
    `neither ${before} of other bars, nor ${after} of the new values`,
  )

  // Back to what it was: another revision, of which the newer prediction is the user.
  t.match((await send(of(endingAt(all, lastMs, 20)))).json(), { revised: 1 })
  const newest = (await get('/candles/revisions?limit=1')).json<RevisionPage>()
  t.strictSame(newest.revisions[0]!.predictions, { count: 1, ids: [after] })
  const older = (await get(`/candles/revisions?limit=1&cursor=${newest.next_cursor}`)).json<RevisionPage>()
  t.strictSame(older.revisions, revisions)
  t.equal(older.next_cursor, null)
  t.equal((await get('/candles/revisions?symbol=OTHER')).json<RevisionPage>().revisions.length, 0)
  t.equal((await get(`/candles/revisions?from=${revisedMs + 1}`)).json<RevisionPage>().revisions.length, 0)
  const revisionsOf = async (query: string) => (await get(`/candles/revisions?${query}`)).json<RevisionPage>().revisions?.length
  t.equal(await revisionsOf(`to=${iso(revisedMs + 999).replace('999Z', '999999Z')}`), 2, 'times finer than a millisecond')
  t.equal(await revisionsOf(`from=${revisedMs + 0.001}`), 0)
  t.equal((await page(service, `&from=${revisedMs}&to=${revisedMs}`)).candles.volume.length, 1, 'one current value')

  const metrics = (await get('/metrics')).body
  t.match(metrics, /^candle_revisions_total 2$/m)
  t.match(metrics, /^candles_total\{result="revised"\} 2$/m)
  t.match(metrics, /^candles_total\{result="known"\} 38$/m)
})
