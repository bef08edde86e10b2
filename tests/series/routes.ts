import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { withDuckdb } from '../../src/commands/tables/in-memory-duckdb.js'
import { seriesPageSchema, type SeriesAnswer } from '../../src/series/schema.js'
import { endingAt, mapColumns, readBtcusdt } from '../support/btcusdt.js'
import { type Service, startService } from '../support/service.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const hourMs = 3_600_000
const model = 'btcusdt-logret-168h'
const all = readBtcusdt()
const lastMs = Date.UTC(2025, 8, 29, 22)
const iso = (ms: number) => new Date(ms).toISOString()
const at = (hours: number) => lastMs + hours * hourMs

async function series(service: Service, query: string): Promise<SeriesAnswer> {
  const response = await service.get(`/predictions/series?model=${model}${query}`)
  t.equal(response.statusCode, 200, response.body)
  t.ok(seriesPageSchema.safeParse(response.json()).success, 'as documented')
  return response.json<SeriesAnswer>()
}

const marks = ({ rows }: SeriesAnswer) => rows.map(({ prediction, reason }) => reason ?? prediction!.bar_time.slice(11, 13))

t.test('a row per bar that has closed: a prediction, or why there is none', async (t) => {
  const service = await startService(t, { nowMs: () => at(4) + 1_000 })
  const { store } = service.parts
  await service.post({ model, candles: endingAt(all, lastMs, 730) })
  await service.post({ model, candles: endingAt(all, at(-2), 726) })
  // A frame that lacks a bar is refused, and the refusal is remembered.
  const gappy = mapColumns(endingAt(all, at(-1), 726), (values) => values.filter((_, bar) => bar !== 100))
  t.equal((await service.post({ model, candles: gappy })).statusCode, 422)
  await store.log.alive({ id: 'a', fromMs: at(-20), untilMs: at(2) })
  await store.log.alive({ id: 'b', fromMs: at(3), untilMs: at(4) })
  await store.log.modelStates([{ model, state: 'served', fromMs: at(-20) }])

  const answer = await series(service, `&from=${iso(at(-6))}&to=${iso(at(100))}`)
  t.strictSame(
    answer.rows.map(({ bar_time }) => bar_time),
    Array.from({ length: 10 }, (_, k) => iso(at(-6 + k))),
    'every bar that has closed, in order, none that has not',
  )
  t.strictSame(marks(answer), [
    'not-enough-history',
    'not-enough-history',
    'not-asked',
    'not-asked',
    '20',
    'gap',
    '22',
    'no-candles',
    'no-candles',
    'no-candles',
  ])
  t.match(answer, { model, symbol: 'BTCUSDT', timeframe: '1h', next_cursor: null })
  const { predictions } = (await service.get('/predictions')).json<{ predictions: unknown[] }>()
  t.strictSame(answer.rows[6]!.prediction, predictions[0], 'the whole prediction')

  const newest = await series(service, '&limit=4&order=desc')
  t.strictSame(marks(newest), ['no-candles', 'no-candles', 'no-candles', '22'])
  t.strictSame(marks(await series(service, '&limit=4')), [...marks(newest)].reverse(), 'the newest bars when no range is given')
})

t.test('an outage', async (t) => {
  const service = await startService(t, { nowMs: () => at(1) })
  const { store } = service.parts
  await store.log.alive({ id: 'a', fromMs: at(-20), untilMs: at(-5) })
  await store.log.alive({ id: 'b', fromMs: at(-2), untilMs: at(1) })
  await store.log.modelStates([{ model, state: 'served', fromMs: at(-20) }])
  await service.post({ model, candles: endingAt(all, lastMs, 726 + 10) })
  // The bar that opens at -6 closes at -5, the last sign of life; the next run begins at -2.
  t.strictSame(marks(await series(service, `&from=${iso(at(-7))}`)), [
    'not-asked',
    'not-asked',
    'not-running',
    'not-running',
    'not-asked',
    'not-asked',
    'not-asked',
    '22',
  ])
})

t.test('pages', async (t) => {
  const service = await startService(t, { nowMs: () => at(1) })
  await service.post({ model, candles: endingAt(all, lastMs, 726) })
  for (const order of ['asc', 'desc'] as const) {
    const range = `&from=${iso(at(-10))}&to=${iso(at(-1))}&order=${order}`
    const whole = await series(service, range)
    t.equal(whole.rows.length, 10)
    const seen: SeriesAnswer['rows'] = []
    let cursor: string | null = null
    do {
      const page: SeriesAnswer = await series(service, `${range}&limit=4${cursor === null ? '' : `&cursor=${cursor}`}`)
      seen.push(...page.rows)
      cursor = page.next_cursor
    } while (cursor !== null)
    t.strictSame(seen, whole.rows)
  }
  t.strictSame((await series(service, `&from=${iso(at(5))}`)).rows, [], 'nothing has closed yet')
  const link = (await service.get(`/predictions/series?model=${model}&from=${iso(at(-10))}&limit=4`)).headers.link
  t.match(link, /^<\/predictions\/series\?.*cursor=.*>; rel="next"$/)
})

t.test('in other formats', async (t) => {
  const service = await startService(t, { nowMs: () => at(1) })
  await service.post({ model, candles: endingAt(all, lastMs, 726) })
  const path = `/predictions/series?model=${model}&limit=3`
  const csv = (await service.get(path, { accept: 'text/csv' })).body.split('\r\n')
  t.equal(csv[0], 'bar_time,id,version,y_raw,y_pred,origin,created_at,outcome_status,realised,hit,reason,detail')
  t.match(csv[1], /^2025-09-29T20:00:00.000Z,,,,,,,,,,not-enough-history,"726 candles/)
  t.match(csv[3], /^2025-09-29T22:00:00.000Z,\w{26},1,0.030967558971535417,0.030967558971535417,live,2025-09-29T23:00:00.000Z,pending,,,,$/)
  const lines = (await service.get(path, { accept: 'application/x-ndjson' })).body.split('\n')
  const { rows } = (await service.get(path)).json<SeriesAnswer>()
  t.strictSame(
    lines.slice(0, 3).map((line) => JSON.parse(line) as unknown),
    rows,
  )
  t.strictSame(JSON.parse(lines[3]!), { count: 3, next_cursor: null })

  const response = await service.get(path, { accept: 'application/vnd.apache.parquet' })
  t.equal(response.headers['content-type'], 'application/vnd.apache.parquet')
  const file = join(temporaryFolder(t), 'series.parquet')
  writeFileSync(file, response.rawPayload)
  await withDuckdb(async (connection) => {
    const result = await connection.run(`SELECT epoch_ms(bar_time)::DOUBLE, id, y_pred, outcome_status, reason FROM '${file}'`)
    t.strictSame(
      await result.getRows(),
      rows.map(({ bar_time, prediction, reason }) => [
        Date.parse(bar_time),
        prediction?.id ?? null,
        prediction?.y_pred ?? null,
        prediction === null ? null : 'pending',
        reason,
      ]),
    )
  })
})

t.test('what is known is not sent again', async (t) => {
  let nowMs = at(1)
  const service = await startService(t, { nowMs: () => nowMs })
  await service.post({ model, candles: endingAt(all, lastMs, 726) })
  const path = `/predictions/series?model=${model}&from=${iso(at(-2))}&to=${iso(at(3))}`
  const ask = (etag: string, accept = 'application/json') => service.get(path, { accept, 'if-none-match': etag })
  const first = (await service.get(path)).headers.etag!
  const again = await ask(first)
  t.equal(again.statusCode, 304)
  t.equal(again.body, '')
  t.equal(again.headers.etag, first)
  for (const accept of ['text/csv', 'application/x-ndjson', 'application/vnd.apache.parquet']) {
    const other = await ask(first, accept)
    t.equal(other.statusCode, 200, 'another format is another thing')
    t.equal((await ask(other.headers.etag!, accept)).statusCode, 304)
  }
  nowMs = at(2)
  const later = await ask(first)
  t.equal(later.statusCode, 200, 'a bar has closed')
  await service.post({ model, candles: endingAt(all, lastMs, 727), bars: [at(-1)] })
  const filled = await ask(later.headers.etag!)
  t.equal(filled.statusCode, 200, 'another bar is predicted')
  t.not(filled.headers.etag, later.headers.etag)
})

t.test('what cannot be asked', async (t) => {
  const service = await startService(t)
  const refused = async (query: string, expected: object) =>
    t.match((await service.get(`/predictions/series${query}`)).json(), expected, query)
  await refused('', { code: 'invalid-request', errors: [{ pointer: 'model' }] })
  await refused('?model=btcusdt-logret-168', { code: 'unknown-model', nearest: model })
  await refused('?model=crypto-up-4h', { code: 'invalid-request', errors: [{ pointer: 'symbol' }] })
  await refused(`?model=${model}&symbol=ETHUSDT`, { code: 'symbol-mismatch', expected: 'BTCUSDT' })
  await refused(`?model=${model}&timeframe=4h`, { code: 'timeframe-mismatch', expected: '1h' })
  await refused(`?model=${model}&limit=10001`, { code: 'invalid-request' })
  await refused(`?model=${model}&cursor=x`, { code: 'invalid-request' })
  await refused(`?model=${model}&from=2025-02-02&to=2025-02-01`, { code: 'invalid-request' })
  t.equal((await service.get('/predictions/series?model=crypto-up-4h&symbol=ETHUSDT')).statusCode, 200)
})
