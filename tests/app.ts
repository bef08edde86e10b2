import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { predictedSchema, type Prediction } from '../src/predictions/schema.js'
import { type Columns, endingAt, mapColumns, readBtcusdt, toCsvText, toRecords, toRows } from './support/btcusdt.js'
import { copyModels, type Service, startService } from './support/service.js'

const HOUR_MS = 3_600_000
const model = 'btcusdt-logret-168h'
const all = readBtcusdt()
const lastMs = Date.UTC(2025, 8, 29, 22)
const window = endingAt(all, lastMs, 726)

async function answerOf(service: Service, candles: unknown): Promise<Prediction> {
  const response = await service.post({ model, candles }, '?store=false')
  t.equal(response.statusCode, 200, response.body.slice(0, 300))
  return response.json<{ predictions: Prediction[] }>().predictions[0]!
}

/** The columns with one cell changed. */
function withCell(columns: Columns, name: keyof Columns, bar: number, value: unknown): Columns {
  return mapColumns(columns, (values, each) => (each === name ? values.with(bar, value as number) : values))
}

t.test('what a frame may be', async (t) => {
  const service = await startService(t)
  const expected = await answerOf(service, window)
  t.equal(expected.y_raw, 0.030967558971535417)
  t.equal(expected.y_pred, 0.030967558971535417)

  const same = async (name: string, candles: unknown, input: Partial<Prediction['input']> = {}) => {
    const answer = await answerOf(service, candles)
    t.strictSame(answer, { ...expected, created_at: answer.created_at, input: { ...expected.input, ...input } }, name)
  }
  await same('records', toRecords(window))
  await same('rows, as exchanges give them', toRows(window))
  await same(
    'rows with further cells',
    toRows(window).map((row) => [...row, 'x', null, {}]),
  )
  await same(
    'numeric strings',
    mapColumns(window, (values, name) => (name === 'timestamp' ? values : (values.map(String) as unknown as number[]))),
  )
  await same(
    'ISO times',
    mapColumns(window, (values, name) =>
      name === 'timestamp' ? (values.map((ms) => new Date(ms).toISOString()) as unknown as number[]) : values,
    ),
  )
  await same('short names in any case', {
    T: window.timestamp,
    o: window.open,
    H: window.high,
    l: window.low,
    C: window.close,
    v: window.volume,
    trades: ['ignored'],
  })
  await same('not sorted', toRows(window).reverse())
  await same('every bar twice', [...toRows(window), ...toRows(window)], { submitted: 1452 })
  await same('more history', endingAt(all, lastMs, 10_000), { submitted: 10_000 })

  const csv = await service.post(toCsvText(window), `?store=false&model=${model}`, { 'content-type': 'text/csv' })
  t.equal(csv.statusCode, 200, csv.body)
  t.strictSame(csv.json<{ predictions: Prediction[] }>().predictions[0]!.input, expected.input, 'CSV')
})

t.test('frames that are refused', async (t) => {
  const service = await startService(t)
  const refused = async (name: string, candles: unknown, code: string, status: number, helps: object = {}) => {
    const response = await service.post({ model, candles })
    t.match(response.json(), { code, status, ...helps }, name)
    t.equal(response.statusCode, status, name)
    t.equal(response.headers['content-type'], 'application/problem+json')
  }
  const pointing = (pointer: string) => ({ errors: [{ pointer }] })

  for (const empty of [[], {}, null, 'x', 3]) await refused(`candles ${JSON.stringify(empty)}`, empty, 'invalid-request', 400)
  await refused('no candles, and none are stored', undefined, 'not-enough-history', 422)
  await refused(
    'empty columns',
    mapColumns(window, () => []),
    'invalid-request',
    400,
  )
  await refused('unequal columns', { ...window, close: window.close.slice(1) }, 'invalid-request', 400)
  await refused('a column twice', { ...window, C: window.close }, 'invalid-request', 400)
  for (const cell of [null, 'abc', 'NaN', '', true, {}, [1]]) {
    await refused(
      `cell ${JSON.stringify(cell)}`,
      withCell(window, 'close', 17, cell),
      'invalid-request',
      400,
      pointing('/candles/close/17'),
    )
  }
  await refused(
    'a record',
    toRecords(window).with(17, { ...toRecords(window)[17]!, close: null as never }),
    'invalid-request',
    400,
    pointing('/candles/17/close'),
  )
  await refused('a row', toRows(window).with(17, [1, 2, 3, 4, null as never, 6]), 'invalid-request', 400, {
    errors: [{ pointer: /^\/candles\/17/ }],
  })
  await refused(
    'seconds',
    mapColumns(window, (v, name) => (name === 'timestamp' ? v.map((ms) => ms / 1000) : v)),
    'invalid-request',
    400,
    { detail: /seconds/ },
  )

  const long = endingAt(all, lastMs, 800)
  await refused('price 0, before the window', withCell(long, 'low', 3, 0), 'bad-candle', 422, pointing('/candles/low/3'))
  await refused('volume < 0', withCell(window, 'volume', 5, -1), 'bad-candle', 422, pointing('/candles/volume/5'))
  await refused('high below close', withCell(window, 'high', 9, window.low[9]!), 'bad-candle', 422)
  await refused('too large to be finite', withCell(window, 'close', 9, '1e999'), 'bad-candle', 422)
  const off = (ms: number) => withCell(window, 'timestamp', 9, window.timestamp[9]! + ms)
  await refused('off the grid', off(1), 'bad-candle', 422, { detail: /is not on the grid of 1h candles, it is 1 ms past 20/ })
  await refused('a little off the grid', off(0.001), 'bad-candle', 422, { detail: /0\.001 ms past/ })
  await refused('one time, two values', [...toRows(window), toRows(window)[5]!.with(5, 1)], 'conflicting-candle', 422)

  await refused('one bar', endingAt(all, lastMs, 1), 'not-enough-history', 422)
  await refused('one bar too few', endingAt(all, lastMs, 725), 'not-enough-history', 422)
  await refused(
    'a gap',
    mapColumns(window, (v) => v.filter((_, bar) => bar !== 400)),
    'gap',
    422,
    {
      first_missing: [new Date(window.timestamp[400]!).toISOString()],
    },
  )
  const afterGap = Date.UTC(2021, 7, 13, 12)
  await refused('a real gap', endingAt(all, afterGap, 726), 'gap', 422, { first_missing: ['2021-08-13T02:00:00.000Z'] })
  const beforeWindow = mapColumns(long, (v) => v.filter((_, bar) => bar !== 3))
  t.equal((await service.post({ model, candles: beforeWindow })).statusCode, 201, 'a gap before the window does not matter')
})

t.test('bars that are still open are dropped and counted', async (t) => {
  const service = await startService(t, { nowMs: () => lastMs + HOUR_MS })
  const later: Columns = mapColumns(window, (values, name) => [...values, name === 'timestamp' ? lastMs + HOUR_MS : values.at(-1)!])
  const answer = await answerOf(service, later)
  t.match(answer, { bar_time: '2025-09-29T22:00:00.000Z', input: { unfinished_dropped: 1, submitted: 727, bars: 726 } })
  t.equal(answer.origin, 'live')
  const onlyOpen = await service.post({ model, candles: [[lastMs + HOUR_MS, 1, 1, 1, 1, 1]] })
  t.match(onlyOpen.json(), { code: 'not-enough-history' })
})

t.test('which models answer', async (t) => {
  const service = await startService(t)
  const names = async (body: object) => {
    const response = await service.post({ candles: window, ...body }, '?store=false')
    return response.statusCode === 200
      ? response.json<{ predictions: Prediction[] }>().predictions.map((each) => each.model.name)
      : response.json<{ code: string }>().code
  }
  t.strictSame(await names({ models: ['crypto-up-4h', model] }), ['crypto-up-4h', model], 'in the order asked for')
  t.equal((await names({ symbol: 'BTCUSDT', timeframe: '1H' })).length, 7, 'every model that fits')
  t.strictSame(await names({ symbol: 'ETHUSDT' }), ['crypto-up-4h'])
  t.equal(await names({ model: 'nobody' }), 'unknown-model')
  t.equal(await names({ symbol: 'ETHUSDT', timeframe: '1d' }), 'unknown-model')
  t.equal(await names({ model, symbol: 'ETHUSDT' }), 'symbol-mismatch')
  t.equal(await names({ model, timeframe: '4h' }), 'timeframe-mismatch')
  t.equal(await names({ model: 'crypto-up-4h' }), 'invalid-request', 'no symbol to go by')
  t.equal(await names({ models: [model, 'nobody'] }), 'unknown-model', 'the whole request is refused')
})

t.test('models that need other candles are named, the others answer', async (t) => {
  const directory = copyModels(t, [model, 'btcusdt-up-24h'])
  const file = join(directory, 'btcusdt-up-24h', 'model.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace('"base_bars": 720', '"base_bars": 800'))
  const service = await startService(t, { env: { BARCAST_MODELS: directory } })
  const some = await service.post({ symbol: 'BTCUSDT', candles: window })
  t.equal(some.statusCode, 201)
  t.match(some.json(), {
    predictions: { length: 1, 0: { model: { name: model } } },
    skipped: [{ model: 'btcusdt-up-24h', code: 'not-enough-history', detail: /806 are needed/ }],
  })
  t.ok(predictedSchema.safeParse(some.json()).success, 'as documented')
  const enough = await service.post({ symbol: 'BTCUSDT', candles: endingAt(all, lastMs, 806) })
  t.notOk('skipped' in enough.json<object>())
  const named = await service.post({ models: [model, 'btcusdt-up-24h'], candles: window })
  t.match(named.json(), { code: 'not-enough-history', bars_needed: 806, models: ['btcusdt-up-24h'] })
  const none = await service.post({ symbol: 'BTCUSDT', candles: endingAt(all, lastMs, 10) })
  t.match(none.json(), { code: 'not-enough-history', bars_needed: 726, models: [model] })
})

t.test('stored once, read back, superseded', async (t) => {
  const service = await startService(t)
  const first = await service.post({ models: [model, 'btcusdt-move-24h'], candles: window })
  t.equal(first.statusCode, 201)
  const { predictions } = first.json<{ predictions: Prediction[] }>()
  const again = await service.post({ models: [model, 'btcusdt-move-24h'], candles: toRecords(window) })
  t.equal(again.statusCode, 200)
  t.strictSame(again.json(), first.json(), 'the stored one, as it was')
  t.strictSame((await service.get(`/predictions/${predictions[0]!.id}`)).json(), predictions[0])

  const other = await service.post({ model, candles: withCell(window, 'volume', 700, 1) })
  t.equal(other.statusCode, 201)
  const [newer] = other.json<{ predictions: Prediction[] }>().predictions
  t.equal(other.headers.location, `/predictions/${newer!.id}`)
  t.equal(newer!.supersedes, predictions[0]!.id)
  t.equal((await service.get(`/predictions/${predictions[0]!.id}`)).json<Prediction>().superseded_by, newer!.id)
  const current = (await service.get(`/predictions?model=${model}`)).json<{ predictions: Prediction[] }>()
  t.strictSame(
    current.predictions.map(({ id }) => id),
    [newer!.id],
  )
  const history = (await service.get(`/predictions?model=${model}&history=all`)).json<{ predictions: Prediction[] }>()
  t.equal(history.predictions.length, 2)

  const together = await Promise.all(Array.from({ length: 20 }, () => service.post({ model: 'btcusdt-up-24h', candles: window })))
  t.equal(together.filter(({ statusCode }) => statusCode === 201).length, 1, 'one of many at once is new')
  t.equal(new Set(together.map((each) => each.json<{ predictions: Prediction[] }>().predictions[0]!.id)).size, 1)
})
