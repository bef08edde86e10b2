import { writeFileSync } from 'node:fs'
import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t, { type Test } from 'tap'
import { pageSchema, type Prediction } from '../../src/predictions/schema.js'
import type { StoredOutcome } from '../../src/store/outcome-store.js'
import type { NewPrediction } from '../../src/store/store.js'
import { type Service, startService, temporaryFolder } from '../support/service.js'
import { hourMs, prediction } from '../store/support/prediction.js'

const ndjson = 'application/x-ndjson'
const parquet = 'application/vnd.apache.parquet'
const noonMs = Date.UTC(2026, 0, 5, 12)
/** An id is 26 characters of Crockford base32. */
const idOf = (n: number) => String(n).padStart(26, '0')

/** Predictions of the `nRows` hours that end with the bar of 11:00. */
function hours(nRows: number, fields: Partial<NewPrediction> = {}): NewPrediction[] {
  return Array.from({ length: nRows }, (_, k) => prediction({ id: idOf(k), barTimeMs: noonMs - hourMs - k * hourMs, ...fields }))
}

const settled = (fields: Partial<StoredOutcome>): StoredOutcome => ({
  predictionId: idOf(0),
  symbol: 'BTCUSDT',
  timeframe: '1h',
  model: 'btcusdt-logret-168h',
  barTimeMs: noonMs - hourMs,
  status: 'settled',
  rule: 'log_return: ln(C[t+h]/C[t])',
  reason: null,
  entryClose: 100,
  exitClose: 110,
  realised: Math.log(1.1),
  error: 0.01,
  hit: true,
  covered: null,
  realisedClass: null,
  drawdown: -0.02,
  settledAtMs: noonMs,
  ...fields,
})

async function lines(t: Test, service: Service, query: string): Promise<Record<string, unknown>[]> {
  const response = await service.get(`/predictions${query}`, { accept: ndjson })
  t.equal(response.statusCode, 200, response.body)
  t.equal(response.headers['content-type'], `${ndjson}; charset=utf-8`)
  const texts = response.body.split('\n')
  t.equal(texts.pop(), '', 'every line is ended')
  return texts.map((text) => JSON.parse(text) as Record<string, unknown>)
}

t.test('as NDJSON: a prediction per line, then a closing record', async (t) => {
  const service = await startService(t, { atOnce: true })
  t.strictSame(await lines(t, service, ''), [{ count: 0, next_cursor: null, next_expected_at: null }])
  await service.parts.store.record(hours(2_500))
  const page = (await service.get('/predictions?limit=3')).json<{ predictions: Prediction[]; next_cursor: string }>()
  const few = await lines(t, service, '?limit=3')
  t.strictSame(few.slice(0, 3), page.predictions, 'the same predictions')
  t.match(few[3], { count: 3, next_cursor: page.next_cursor })
  const rest = await lines(t, service, `?limit=1000000&cursor=${page.next_cursor}`)
  t.equal(rest.length, 2_498)
  t.match(rest.at(-1), { count: 2_497, next_cursor: null })
  t.equal(new Set([...few.slice(0, 3), ...rest.slice(0, -1)].map(({ id }) => id)).size, 2_500, 'every one once')
  t.match((await service.get('/predictions?cursor=abc', { accept: ndjson })).json(), { code: 'invalid-request' }, 'before anything is sent')
})

t.test('a stream that broke off has no closing record', async (t) => {
  const service = await startService(t, {
    atOnce: true,
    swap: ({ reader }) => {
      let pages = 0
      return { reader: { ...reader, page: (query) => (++pages > 1 ? Promise.reject(new Error('the disk is gone')) : reader.page(query)) } }
    },
  })
  await service.parts.store.record(hours(1_500))
  await service.app.listen({ port: 0 })
  const { port } = service.app.server.address() as AddressInfo
  const { text, failed } = await new Promise<{ text: string; failed: boolean }>((resolve) => {
    get({ port, path: '/predictions?limit=1500', headers: { accept: ndjson } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('close', () => resolve({ text, failed: !response.complete })).on('error', () => undefined)
    })
  })
  t.ok(failed, 'the client sees it')
  t.notMatch(text, /"count"/)
})

t.test('as Parquet', async (t) => {
  const service = await startService(t, { atOnce: true })
  const classes = Float64Array.of(0.25, 0.5, 0.25)
  await service.parts.store.record([
    ...hours(1_200),
    prediction({
      id: idOf(9_000),
      model: 'classes',
      barTimeMs: noonMs - 2_000 * hourMs,
      yPred: classes,
      yRaw: Float64Array.of(NaN, 1, Infinity),
    }),
  ])
  await service.parts.store.outcomes.record([settled({ barTimeMs: noonMs - hourMs })])
  const response = await service.get('/predictions?limit=10000', { accept: parquet })
  t.equal(response.headers['content-type'], parquet)
  const path = join(temporaryFolder(t), 'predictions.parquet')
  writeFileSync(path, response.rawPayload)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const read = async (sql: string) => (await connection.run(sql.replace('FILE', `'${path}'`))).getRowsJson()
  t.strictSame(await read('SELECT count(*)::INTEGER, count(y_pred)::INTEGER, count(realised)::INTEGER FROM FILE'), [[1_201, 1_200, 1]])
  t.strictSame(await read(`SELECT id, strftime(bar_time, '%Y-%m-%dT%H:%M:%S'), y_pred, outcome_status, hit, drawdown FROM FILE LIMIT 1`), [
    [idOf(0), '2026-01-05T11:00:00', 0.030967558971535417, 'settled', true, -0.02],
  ])
  t.strictSame(await read(`SELECT y_pred_classes::VARCHAR, y_raw_classes::VARCHAR, y_pred FROM FILE WHERE model = 'classes'`), [
    ['[0.25, 0.5, 0.25]', '[nan, 1.0, inf]', null],
  ])
  connection.closeSync()
  instance.closeSync()
  const page = await service.get('/predictions?limit=5', { accept: parquet })
  t.match(page.headers.link, /rel="next"/)
})

t.test('how many rows a page may have depends on its format', async (t) => {
  const { get } = await startService(t, { atOnce: true })
  const status = async (limit: number, accept: string) => (await get(`/predictions?limit=${limit}`, { accept })).statusCode
  t.equal(await status(10_000, 'application/json'), 200)
  t.equal(await status(10_001, 'application/json'), 400)
  t.equal(await status(10_001, 'text/csv'), 400)
  t.equal(await status(10_000, parquet), 200)
  t.equal(await status(10_001, parquet), 400)
  t.equal(await status(1_000_000, ndjson), 200)
  t.equal(await status(1_000_001, ndjson), 400)
  t.match((await get('/predictions?limit=10001')).json(), { code: 'invalid-request', errors: [{ pointer: 'limit' }] })
})

t.test('what came of a prediction is part of every answer', async (t) => {
  const service = await startService(t, { atOnce: true, nowMs: () => noonMs })
  const { store } = service.parts
  const isOver = { horizonBars: 1 }
  await store.record([
    prediction({ id: idOf(1), barTimeMs: noonMs - 3 * hourMs, ...isOver }),
    prediction({ id: idOf(2), barTimeMs: noonMs - 4 * hourMs, ...isOver }),
    prediction({ id: idOf(3), barTimeMs: noonMs - 5 * hourMs, ...isOver }),
  ])
  await store.outcomes.record([
    settled({ predictionId: idOf(1), barTimeMs: noonMs - 3 * hourMs }),
    settled({
      predictionId: idOf(2),
      barTimeMs: noonMs - 4 * hourMs,
      status: 'unsettleable',
      reason: 'a candle is missing',
      realised: null,
    }),
  ])
  const response = await service.get('/predictions')
  t.ok(pageSchema.safeParse(response.json()).success, 'as documented')
  const { predictions } = response.json<{ predictions: Prediction[] }>()
  t.match(predictions, [
    { outcome: { status: 'settled', realised: Math.log(1.1), error: 0.01, hit: true, entry_close: 100, exit_close: 110 } },
    { outcome: { status: 'unsettleable', reason: 'a candle is missing' } },
    { outcome: { status: 'pending' } },
  ])
  t.strictSame((await service.get(`/predictions/${idOf(1)}`)).json(), predictions[0])
  t.match((await lines(t, service, ''))[0], predictions[0])
  const csv = (await service.get('/predictions', { accept: 'text/csv' })).body.split('\r\n')
  t.strictSame(csv.map((line) => line.split(',').at(-1)).slice(1, 4), ['settled', 'unsettleable', 'pending'])

  const etag = response.headers.etag as string
  t.equal((await service.get('/predictions', { 'if-none-match': etag })).statusCode, 304)
  await store.outcomes.record([settled({ predictionId: idOf(3), barTimeMs: noonMs - 5 * hourMs })])
  t.equal((await service.get('/predictions', { 'if-none-match': etag })).statusCode, 200, 'an outcome is something new')
})

t.test('until when an answer holds', async (t) => {
  let nowMs = noonMs + 600_000
  const service = await startService(t, { atOnce: true, nowMs: () => nowMs })
  await service.parts.store.record(hours(3))
  const asked = async (query = '') => {
    const { headers, body } = await service.get(`/predictions${query}`)
    return [headers['cache-control'], (JSON.parse(body) as { next_expected_at: string | null }).next_expected_at]
  }
  t.strictSame(await asked(), ['max-age=3000', '2026-01-05T13:00:00.000Z'])
  t.strictSame(await asked('?history=all'), ['no-cache', '2026-01-05T13:00:00.000Z'])
  t.strictSame(await asked('?to=2026-01-05T09:00:00Z'), ['no-cache', '2026-01-05T13:00:00.000Z'])
  t.strictSame(await asked('?symbol=nobody'), ['no-cache', null])
  const { predictions } = (await service.get('/predictions')).json<{ predictions: Prediction[] }>()
  t.equal(predictions[0]!.valid_until, '2026-01-05T13:00:00.000Z')
  const { headers } = await service.get('/predictions')
  const unchanged = await service.get('/predictions', { 'if-none-match': headers.etag as string })
  t.strictSame([unchanged.statusCode, unchanged.headers['cache-control']], [304, 'max-age=3000'])
  nowMs = noonMs + hourMs
  t.strictSame(await asked(), ['no-cache', '2026-01-05T14:00:00.000Z'], 'the next bar is still to come')
  await service.parts.store.record([prediction({ id: idOf(100), barTimeMs: noonMs })])
  t.strictSame(await asked(), ['max-age=3600', '2026-01-05T14:00:00.000Z'])
  await service.parts.store.record([prediction({ id: idOf(101), barTimeMs: noonMs - hourMs, model: 'another' })])
  t.strictSame(await asked(), ['no-cache', '2026-01-05T14:00:00.000Z'], 'of another model it is')
  t.strictSame(await asked('?model=btcusdt-logret-168h'), ['max-age=3600', '2026-01-05T14:00:00.000Z'])
  await service.parts.store.record([prediction({ id: idOf(102), barTimeMs: noonMs, timeframe: '4h', model: 'another' })])
  t.strictSame(await asked(), ['no-cache', null], 'bars of two lengths')
})

t.test('a tag is that of what was asked for', async (t) => {
  const service = await startService(t, { atOnce: true })
  await service.parts.store.record(hours(1))
  const etag = (await service.get('/predictions?model=btcusdt-logret-168h')).headers.etag as string
  const status = async () => (await service.get('/predictions?model=btcusdt-logret-168h', { 'if-none-match': etag })).statusCode
  await service.parts.store.record([prediction({ id: idOf(5), model: 'another' })])
  t.equal(await status(), 304, 'another model')
  await service.parts.store.log.alive({ id: 'r', fromMs: 0, untilMs: 1 })
  t.equal(await status(), 304, 'a sign of life')
  await service.parts.store.record([prediction({ id: idOf(6), barTimeMs: noonMs })])
  t.equal(await status(), 200)
})

t.test('times finer than a millisecond: both ends stay exact', async (t) => {
  const service = await startService(t, { atOnce: true })
  await service.parts.store.record(hours(4))
  const timesOf = async (query: string) => {
    const response = await service.get(`/predictions?order=asc${query}`)
    t.equal(response.statusCode, 200, response.body)
    const { predictions, next_cursor } = response.json<{ predictions: Prediction[]; next_cursor: string | null }>()
    return {
      hours: predictions.map(({ bar_time }) => bar_time.slice(11, 13)).join(' '),
      next_cursor,
      link: response.headers.link as string,
    }
  }
  for (const [query, expected] of [
    ['&to=2026-01-05T09:59:59.999999Z', '08 09'],
    ['&to=2026-01-05T09:59:59.999999999Z', '08 09'],
    ['&to=2026-01-05T09:00:00.000001Z', '08 09'],
    ['&from=2026-01-05T09:00:00.000001Z', '10 11'],
    ['&from=2026-01-05T09:00:00.000000001Z', '10 11'],
    [`&from=${noonMs - 3 * hourMs + 0.5}`, '10 11'],
    [`&from=${noonMs - 3 * hourMs - 0.5}&to=${noonMs - 2 * hourMs + 0.5}`, '09 10'],
    ['&from=2026-01-05T09:00:00.000001Z&to=2026-01-05T09:00:00.000002Z', ''],
  ] as const)
    t.equal((await timesOf(query)).hours, expected, query)
  t.match((await service.get('/predictions?from=2026-01-05T09:00:00.000002Z&to=2026-01-05T09:00:00.000001Z')).json(), {
    code: 'invalid-request',
    errors: [{ pointer: 'from', detail: 'from is later than to' }],
  })
  const first = await timesOf('&limit=1&to=2026-01-05T09:59:59.999999Z')
  const link = first.link.slice(1, first.link.indexOf('>'))
  t.equal((await timesOf(link.replace('/predictions?', '&').replace('order=asc&', ''))).hours, '09', 'the next page')
})

t.test('a question mark in a query is a character like any other, on the next page too', async (t) => {
  const service = await startService(t, { atOnce: true })
  await service.parts.store.record([...hours(3, { symbol: 'what?' }), prediction({ id: idOf(9), symbol: 'what', barTimeMs: noonMs })])
  const { headers } = await service.get('/predictions?symbol=what?&limit=2&order=asc')
  const link = headers.link as string
  const next = await service.get(link.slice(1, link.indexOf('>')))
  t.match(next.json(), { predictions: [{ symbol: 'what?', bar_time: '2026-01-05T11:00:00.000Z' }], next_cursor: null })
})
