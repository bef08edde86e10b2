import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { multiTimeframe } from '../../src/features/multi-timeframe/catalogue.js'
import { computedFeaturesSchema, featureKeysSchema, storedFeaturesSchema } from '../../src/feature-rows/schema.js'
import { endingAt, readBtcusdt, toCsvText } from '../support/btcusdt.js'
import { type Service, startService, temporaryFolder } from '../support/service.js'

const hourMs = 3_600_000
const all = readBtcusdt()
const lastMs = Date.UTC(2025, 8, 29, 22)
const candles = endingAt(all, lastMs, 800)
const nowMs = () => Date.UTC(2025, 9, 1)
const iso = (ms: number) => new Date(ms).toISOString()
const names = multiTimeframe().names

interface Table {
  columns: string[]
  rows: (number | string | null)[][]
  timestamps: string[]
  skipped?: { bar_time: string; code: string }[]
  next_cursor?: string | null
}

function post(service: Service, body: unknown, { query = '', ...headers }: Record<string, string> = {}) {
  const payload = typeof body === 'string' ? body : JSON.stringify(body)
  return service.app.inject({
    method: 'POST',
    url: `/features${query}`,
    payload,
    headers: { 'content-type': 'application/json', ...headers },
  })
}

t.test('features of the newest bar are those of the catalogue, bit for bit', async (t) => {
  const service = await startService(t, { nowMs })
  const response = await post(service, { candles })
  t.equal(response.statusCode, 200)
  const table = response.json<Table>()
  t.ok(computedFeaturesSchema.safeParse(table).success, 'as documented')
  t.match(table, { catalogue: 'multi-timeframe', version: 1, base_bars: 720, buffer_bars: 6, columns: names, timestamps: [iso(lastMs)] })
  const plan = multiTimeframe().compile(names, { baseBars: 720, bufferBars: 6 })
  const expected = new Float64Array(names.length)
  const frame = { nBars: 800, openTimeMs: Float64Array.from(candles.timestamp), ...floats(candles) }
  plan.compute(frame, 799, expected)
  t.ok(table.rows[0]!.every((value, k) => Object.is(value ?? NaN, expected[k])))

  const some = (await post(service, { candles, names: ['log_close_1D', 'close_rsi_14_4H'], base_bars: 300, buffer_bars: 0 })).json<Table>()
  t.same(some.columns, ['log_close_1D', 'close_rsi_14_4H'])
  t.equal(some.rows[0]![0], table.rows[0]![names.indexOf('log_close_1D')])
})

t.test('bars, from sent and from stored candles', async (t) => {
  const service = await startService(t, { nowMs })
  const asked = { bars: { from: iso(lastMs - 76 * hourMs) }, names: ['close_rsi_14_1H', 'time_hour_of_day_1H'] }
  const table = (await post(service, { ...asked, candles })).json<Table>()
  t.equal(table.rows.length, 75)
  t.same(table.timestamps[0], iso(lastMs - 74 * hourMs))
  t.same(
    table.rows.map(([, hour]) => hour),
    table.timestamps.map((time) => new Date(time).getUTCHours()),
  )
  t.match(table.skipped, [
    { bar_time: iso(lastMs - 76 * hourMs), code: 'not-enough-history' },
    { bar_time: iso(lastMs - 75 * hourMs), code: 'not-enough-history' },
  ])
  await service.post({ candles })
  t.same((await post(service, { ...asked, symbol: 'BTCUSDT' })).json<Table>(), table)
  const named = (await post(service, { ...asked, symbol: 'BTCUSDT', bars: [lastMs, iso(lastMs - 3 * hourMs)] })).json<Table>()
  t.same(named.rows, [table.rows[71], table.rows[74]])
  t.match((await post(service, { ...asked, symbol: 'BTCUSDT', bars: [lastMs - 75 * hourMs] })).json(), {
    code: 'not-enough-history',
    bar_time: iso(lastMs - 75 * hourMs),
  })
})

t.test('CSV in, CSV and Parquet out', async (t) => {
  const service = await startService(t, { nowMs })
  const csv = { 'content-type': 'text/csv' }
  const wanted = 'log_close_1H,close_rsi_14_4H'
  const query = `?names=${wanted}&from=${lastMs - 2 * hourMs}&timeframe=1H`
  const table = (await post(service, toCsvText(candles), { ...csv, query })).json<Table>()
  t.equal(table.rows.length, 3)
  const before = `${query}&to=${iso(lastMs - 1).replace('999Z', '999999Z')}`
  t.equal(
    (await post(service, toCsvText(candles), { ...csv, query: before })).json<Table>().rows.length,
    2,
    'a microsecond before the newest',
  )
  const text = (await post(service, toCsvText(candles), { ...csv, query, accept: 'text/csv' })).body
  t.equal(text, [`timestamp,${wanted}`, ...table.rows.map((row, k) => [table.timestamps[k], ...row].join(',')), ''].join('\r\n'))
  const parquet = await post(service, toCsvText(candles), { ...csv, query, accept: 'application/vnd.apache.parquet' })
  t.equal(parquet.headers['content-type'], 'application/vnd.apache.parquet')
  const path = join(temporaryFolder(t), 'features.parquet')
  writeFileSync(path, parquet.rawPayload)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const read = await connection.runAndReadAll(`SELECT epoch_ms("timestamp")::DOUBLE, log_close_1H, close_rsi_14_4H FROM '${path}'`)
  t.same(
    read.getRows(),
    table.rows.map((row, k) => [Date.parse(table.timestamps[k]!), ...row]),
  )
  connection.closeSync()
  instance.closeSync()
  t.match(
    (await post(service, toCsvText(candles), { ...csv, query: '?base_bars=24&buffer_bars=0&names=close_rsi_14_1D', accept: 'text/csv' }))
      .body,
    /,\r\n$/,
    'NaN is an empty cell',
  )
  t.equal((await post(service, { candles }, { accept: 'image/png' })).statusCode, 406)
})

t.test('what is refused', async (t) => {
  const service = await startService(t, { nowMs })
  const refused = async (body: object, expected: object) => t.match((await post(service, body)).json(), expected)
  await refused(
    { candles, names: ['close_rsi_14_1h', 'rubbish'] },
    { code: 'feature-mismatch', missing_count: 2, nearest: { close_rsi_14_1h: 'close_rsi_14_1H' } },
  )
  await refused({ candles, names: [] }, { code: 'invalid-request', errors: [{ pointer: '/names' }] })
  await refused({ candles, names: ['a', 'a'] }, { code: 'invalid-request', errors: [{ pointer: '/names' }] })
  await refused(
    { candles, catalogue: 'multi-timefame' },
    { code: 'invalid-request', errors: [{ pointer: '/catalogue' }], nearest: 'multi-timeframe' },
  )
  await refused({ candles, timeframe: '4h' }, { code: 'timeframe-mismatch' })
  await refused({ candles, base_bars: 0 }, { code: 'invalid-request', errors: [{ pointer: '/base_bars' }] })
  await refused({ candles, base_bars: 795 }, { code: 'not-enough-history', bars_needed: 801 })
  await refused({}, { code: 'invalid-request', errors: [{ pointer: '/candles', detail: /name the symbol/ }] })
  await refused({ symbol: 'BTCUSDT' }, { code: 'not-enough-history', detail: /no 1h candles of BTCUSDT are stored/ })
  await refused({ candles, model: 'x' }, { code: 'invalid-request', errors: [{ pointer: '/model' }] })
  await refused({ candles, bars: { from: lastMs + hourMs } }, { code: 'not-enough-history', detail: /none of the candles/ })
  const many = { candles: endingAt(readBtcusdt(), lastMs, 10_726), bars: { from: '2020-01-01' } }
  await refused(many, {
    code: 'invalid-request',
    detail:
      /^10726 bars of \d+ features are asked for, one answer holds at most 8116, for it may have 5000000 values; send several requests, or name/,
  })
  t.match((await post(service, { candles }, { query: '?names=a' })).json(), { code: 'invalid-request' })
  t.match((await post(service, 'x', { 'content-type': 'text/plain' })).json(), { code: 'unsupported-media-type' })
})

t.test('stored values, page by page', async (t) => {
  const service = await startService(t, { nowMs })
  const model = 'btcusdt-logret-168h'
  t.same((await service.get('/features')).json(), {
    feature_key: null,
    symbol: null,
    timeframe: null,
    columns: [],
    rows: [],
    timestamps: [],
    next_cursor: null,
  })
  await service.post({ model, candles, bars: { from: lastMs - 6 * hourMs }, store_features: true })
  const page = async (query: string) => {
    const response = await service.get(`/features${query}`)
    t.equal(response.statusCode, 200, response.body.slice(0, 300))
    t.ok(storedFeaturesSchema.safeParse(response.json()).success, 'as documented')
    return { ...response.json<Table>(), link: response.headers.link as string | undefined }
  }
  const whole = await page('')
  t.match(whole, { feature_key: 'multi-timeframe-1-720+6', symbol: 'BTCUSDT', timeframe: '1h', next_cursor: null, link: undefined })
  t.equal(whole.rows.length, 7)
  const first = await page('?limit=3&order=desc')
  t.same(
    first.timestamps,
    [0, 1, 2].map((back) => iso(lastMs - back * hourMs)),
  )
  const second = await page(/<(.*)>/.exec(first.link!)![1]!.replace('/features', ''))
  t.same(
    second.timestamps,
    [3, 4, 5].map((back) => iso(lastMs - back * hourMs)),
  )
  const third = await page(`?limit=3&order=desc&cursor=${second.next_cursor}`)
  t.same([third.timestamps, third.next_cursor], [[iso(lastMs - 6 * hourMs)], null])
  t.same([...first.rows, ...second.rows, ...third.rows].reverse(), whole.rows)
  t.equal((await page(`?from=${lastMs - hourMs}&to=${lastMs}`)).rows.length, 2)
  t.same((await page(`?from=${iso(lastMs - hourMs).replace('000Z', '000001Z')}&to=${lastMs + 0.5}`)).timestamps, [iso(lastMs)])
  t.same((await page(`?order=desc&limit=1&to=${iso(lastMs - 1).replace('999Z', '999999Z')}`)).timestamps, [iso(lastMs - hourMs)])
  t.equal((await page('?feature_key=nothing')).rows.length, 0)
  for (const written of ['multi-timeframe-1-720+6', 'multi-timeframe-1-720%2B6', 'multi-timeframe-1-720%206'])
    t.equal((await page(`?feature_key=${written}&symbol=BTCUSDT&timeframe=1h`)).rows.length, 7, written)
  t.match((await service.get(`/features?order=asc&cursor=${second.next_cursor}`)).json(), { code: 'invalid-request' })
  t.match((await service.get(`/features?from=2&to=1`)).json(), { code: 'invalid-request' })
  const csv = await service.get('/features?limit=1', { accept: 'text/csv' })
  t.match(csv.body, new RegExp(`^timestamp,.*\r\n${iso(lastMs - 6 * hourMs)},`))
  const keys = (await service.get('/features/keys')).json<object>()
  t.ok(featureKeysSchema.safeParse(keys).success)

  await service.post({ model: 'crypto-up-4h', symbol: 'ETHUSDT', candles, store_features: true })
  t.match((await service.get('/features')).json(), { code: 'invalid-request', errors: [{ pointer: 'symbol', detail: /BTCUSDT, ETHUSDT/ }] })
  t.equal((await page('?symbol=ETHUSDT')).rows.length, 1)
})

function floats({ open, high, low, close, volume }: typeof candles) {
  const of = (values: number[]) => Float64Array.from(values)
  return { open: of(open), high: of(high), low: of(low), close: of(close), volume: of(volume) }
}
