import { get } from 'node:http'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import t from 'tap'
import { Problem } from '../../src/errors.js'
import { pageSchema, predictedSchema, type Prediction } from '../../src/predictions/schema.js'
import { endingAt, readBtcusdt, toCsvText } from '../support/btcusdt.js'
import { type Service, startService, temporaryFolder } from '../support/service.js'

const model = 'btcusdt-logret-168h'
const all = readBtcusdt()
const lastMs = Date.UTC(2025, 8, 29, 22)
const candles = endingAt(all, lastMs, 726)
const body = { model, candles }

t.test('bodies that cannot be read', async (t) => {
  const service = await startService(t)
  const refused = async (name: string, payload: string | Buffer, code: string, helps: object = {}, headers = {}) => {
    t.match((await service.post(payload, '', headers)).json(), { code, ...helps }, name)
  }
  await refused('empty', '', 'bad-json')
  await refused('no JSON', '{"model": "x",\n "candles": [NaN]}', 'bad-json', { line: 2, column: 14, detail: /NaN/ })
  await refused('cut', '{"model": ', 'bad-json')
  await refused('not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'bad-json')
  for (const text of ['[]', '1', 'null', '"x"']) {
    await refused(text, text, 'invalid-request', { detail: 'an object is expected', errors: [{ pointer: '' }] })
  }
  await refused('no candles, none stored', '{}', 'not-enough-history', { detail: /no 1h candles of BTCUSDT are stored; send 726/ })
  await refused('candles that are none', '{"candles": null}', 'invalid-request', { errors: [{ pointer: '/candles' }] })
  await refused('unknown field', '{"modle": "x", "candles": []}', 'invalid-request', { errors: [{ pointer: '/modle', nearest: 'model' }] })
  await refused('__proto__', '{"__proto__": {"model": "x"}, "candles": []}', 'invalid-request', { errors: [{ pointer: '/__proto__' }] })
  await refused('a field twice', '{"model": "a", "model": "b", "candles": []}', 'invalid-request', { errors: [{ pointer: '/model' }] })
  await refused('a column twice', '{"candles": {"close": [1], "close": [2]}}', 'invalid-request', {
    errors: [{ pointer: '/candles/close' }],
  })
  await refused('model and models', JSON.stringify({ model, models: [model], candles }), 'invalid-request', {
    errors: [{ pointer: '/models' }],
  })
  await refused('no models', JSON.stringify({ models: [], candles }), 'invalid-request', { errors: [{ pointer: '/models' }] })
  await refused('a model twice', JSON.stringify({ models: [model, model], candles }), 'invalid-request', {
    errors: [{ pointer: '/models' }],
  })
  const many = Array.from({ length: 101 }, (_, i) => `m${i}`)
  await refused('many models', JSON.stringify({ models: many, candles }), 'invalid-request', { detail: /at most 100 models/ })
  await refused('a million models', `{"models":[${'"m",'.repeat(1_000_000)}"m"],"candles":[]}`, 'invalid-request', {
    errors: [{ pointer: '/models', detail: /at most 100 models/ }],
  })
  await refused('models that is no list', JSON.stringify({ models: {}, candles }), 'invalid-request', {
    errors: [{ pointer: '/models', detail: 'a list is expected' }],
  })
  await refused('a long name', JSON.stringify({ [`${'n'.repeat(150)}`]: 1, candles }), 'invalid-request', {
    errors: [{ pointer: `/${'n'.repeat(80)}…` }],
  })
  await refused('model of the wrong type', JSON.stringify({ model: 7, candles }), 'invalid-request', { errors: [{ pointer: '/model' }] })
  await refused('symbol with a line end', JSON.stringify({ ...body, symbol: 'BTC\nUSDT' }), 'invalid-request', {
    errors: [{ pointer: '/symbol' }],
  })
  await refused('no timeframe', JSON.stringify({ ...body, timeframe: '2h' }), 'invalid-request', { errors: [{ pointer: '/timeframe' }] })
  for (const type of ['text/plain', 'application/xml', 'application/json; charset=utf-16', 'application/jsonx', 'nonsense']) {
    await refused(type, '{}', 'unsupported-media-type', { accepted: ['application/json', 'text/csv'] }, { 'content-type': type })
  }
  await refused('compressed', '{}', 'unsupported-media-type', {}, { 'content-encoding': 'gzip' })
  t.equal(
    (await service.post(`\ufeff${JSON.stringify(body)}`, '?store=false', { 'content-type': 'Application/JSON; charset="UTF-8"' }))
      .statusCode,
    200,
  )
})

t.test('queries of POST /predict', async (t) => {
  const service = await startService(t)
  const code = async (query: string, payload: unknown = body, type = 'application/json') => {
    const response = await service.post(payload, query, { 'content-type': type })
    return response.statusCode < 300 ? response.statusCode : response.json<{ code: string }>().code
  }
  t.equal(await code('?store=false'), 200)
  t.equal(await code('?store=true'), 201)
  t.equal(await code('?store=no'), 'invalid-request')
  t.equal(await code('?store=false&store=true'), 'invalid-request')
  t.equal(await code('?dry=1'), 'invalid-request')
  t.equal(await code(`?model=${model}`), 'invalid-request', 'a JSON body holds it')
  const csv = toCsvText(candles)
  t.equal(await code(`?model=${model}&store=false`, csv, 'text/csv; charset=utf-8'), 200)
  t.equal(await code(`?models=${model},crypto-up-4h&symbol=BTCUSDT&store=false`, csv, 'text/csv'), 200)
  t.equal(await code(`?models=${model}&models=crypto-up-4h&timeframe=1H&store=false`, csv, 'text/csv'), 200)
  t.equal(await code(`?models=${model}&model=${model}`, csv, 'text/csv'), 'invalid-request')
  t.equal(await code(`?models=`, csv, 'text/csv'), 'invalid-request')
  t.equal(await code(`?model=${model}`, 'timestamp,open\n1,2\n', 'text/csv'), 'invalid-request')
  t.equal(await code(`?model=${model}`, '', 'text/csv'), 'invalid-request', 'a frame without candles')
})

async function fill(service: Service, nBars: number): Promise<void> {
  for (let bar = 0; bar < nBars; bar++) await service.post({ ...body, candles: endingAt(all, lastMs - bar * 3_600_000, 726) })
}

t.test('listing', async (t) => {
  const service = await startService(t)
  await fill(service, 5)
  const page = async (query: string) => {
    const response = await service.get(`/predictions${query}`)
    t.equal(response.statusCode, 200, response.body)
    t.ok(pageSchema.safeParse(response.json()).success, 'as documented')
    return {
      ...response.json<{ predictions: Prediction[]; next_cursor: string | null }>(),
      link: response.headers.link as string | undefined,
    }
  }
  const times = (predictions: Prediction[]) => predictions.map(({ bar_time }) => bar_time.slice(11, 13)).join(' ')
  t.equal(times((await page('')).predictions), '22 21 20 19 18')
  t.equal(times((await page('?order=asc&limit=2')).predictions), '18 19')
  t.equal(times((await page('?from=2025-09-29T19:00:00Z&to=2025-09-29 21:00:00')).predictions), '21 20 19')
  t.equal(times((await page(`?from=${lastMs}&to=${lastMs}`)).predictions), '22')
  t.equal((await page('?symbol=ETHUSDT')).predictions.length, 0)
  t.equal((await page('?origin=live')).predictions.length, 0)
  t.equal((await page('?origin=late&timeframe=1H&symbol=BTCUSDT&history=current&limit=10000')).predictions.length, 5)

  const first = await page('?limit=2&symbol=BTCUSDT')
  t.equal(first.link, `</predictions?limit=2&symbol=BTCUSDT&cursor=${encodeURIComponent(first.next_cursor!)}>; rel="next"`)
  const second = await page(first.link!.slice(13, first.link!.indexOf('>')))
  t.equal(times(second.predictions), '20 19')
  const third = await page(`?limit=2&symbol=BTCUSDT&cursor=${encodeURIComponent(second.next_cursor!)}`)
  t.equal(times(third.predictions), '18')
  t.strictSame([third.next_cursor, third.link], [null, undefined])

  const refused = [
    'limit=0',
    'limit=10001',
    'limit=1.5',
    'limit=',
    'limit=1&limit=2',
    'cursor=abc',
    'cursor=',
    `cursor=${'x'.repeat(600)}`,
    'order=up',
    'history=none',
    'origin=x',
    'from=yesterday',
    'from=1709251200',
    'from=2025-02-30',
    'from=2025-02-02&to=2025-02-01',
    'timeframe=2h',
    'symbol=',
    'simbol=BTCUSDT',
    `symbol=${'x'.repeat(200)}`,
  ]
  for (const query of refused)
    t.match((await service.get(`/predictions?${query}`)).json(), { code: 'invalid-request', errors: [{ pointer: /^\w+$/ }] }, query)
  for (const path of ['/models', '/models/x', `/predictions/${'0'.repeat(26)}`])
    t.match((await service.get(`${path}?x=1`)).json(), { code: 'invalid-request' }, path)
  t.match((await service.get('/predictions?simbol=BTCUSDT')).json(), { errors: [{ nearest: 'symbol' }] })
  for (const [query, detail] of [
    ['symbol=', /^symbol: is empty/],
    [`symbol=${'x'.repeat(200)}`, /^symbol: is longer than 64 characters/],
    ['symbol=a&symbol=b', /^symbol: give it once/],
    ['cursor=', /^cursor: is empty; leave it out/],
    [`cursor=${'x'.repeat(600)}`, /^cursor: is none that was given out/],
    [`${'q'.repeat(5_000)}=1`, /^q{80}…: there is no such name here/],
  ] as const) {
    const { detail: said } = (await service.get(`/predictions?${query}`)).json<{ detail: string }>()
    t.match(said, detail)
    t.ok(said.length < 400)
  }
})

t.test('entity tags', async (t) => {
  const service = await startService(t)
  await fill(service, 1)
  const first = await service.get('/predictions')
  const etag = first.headers.etag as string
  t.match(etag, /^W\/"[^"]+"$/)
  for (const tag of [etag, '*', `"x", ${etag}`]) {
    const response = await service.get('/predictions', { 'if-none-match': tag })
    t.strictSame([response.statusCode, response.body, response.headers.etag], [304, '', etag], tag)
  }
  t.equal((await service.get('/predictions', { 'if-none-match': '"x"' })).statusCode, 200)
  t.equal((await service.get('/predictions', { 'if-none-match': etag, accept: 'text/csv' })).statusCode, 200, 'another representation')
  t.equal((await service.get('/predictions?limit=0', { 'if-none-match': etag })).statusCode, 400)
  await service.post({ model: 'btcusdt-up-24h', candles })
  t.equal((await service.get('/predictions', { 'if-none-match': etag })).statusCode, 200, 'something new')
})

t.test('entity tags do not outlive the process: the file may have been replaced', async (t) => {
  const env = { BARCAST_DATABASE: join(temporaryFolder(t), 'tags.duckdb') }
  const first = await startService(t, { env })
  const etag = (await first.get('/predictions')).headers.etag as string
  await first.app.close()
  await first.parts.store.close()
  const second = await startService(t, { env })
  t.equal((await second.get('/predictions', { 'if-none-match': etag })).statusCode, 200)
})

t.test('as CSV', async (t) => {
  const service = await startService(t)
  await service.post({ models: [model, 'btcusdt-move-24h'], candles })
  const response = await service.get('/predictions?order=asc', { accept: 'text/csv' })
  t.match(response.headers, { 'content-type': /^text\/csv; charset=utf-8/, vary: 'accept' })
  const [header, ...lines] = response.body.split('\r\n')
  t.equal(header, 'id,symbol,timeframe,bar_time,model,version,y_raw,y_pred,output,horizon_bars,origin,created_at,outcome_status')
  t.equal(lines.length, 3, 'two rows and the end of the last')
  t.ok(
    lines.some((line) =>
      line.includes(
        ',BTCUSDT,1h,2025-09-29T22:00:00.000Z,btcusdt-logret-168h,1,0.030967558971535417,0.030967558971535417,log_return,168,late,',
      ),
    ),
  )
  t.ok(
    lines.some((line) => /,btcusdt-move-24h,1,"\[[-.\d]+,[-.\d]+,[-.\d]+\]","\[/.test(line)),
    'arrays as JSON text',
  )
  t.match((await service.get('/predictions', { accept: 'image/png' })).json(), { code: 'not-acceptable', status: 406 })
})

t.test('one prediction', async (t) => {
  const service = await startService(t)
  const created = await service.post(body)
  t.ok(predictedSchema.safeParse(created.json()).success, 'as documented')
  const [prediction] = created.json<{ predictions: Prediction[] }>().predictions
  t.match(prediction, {
    symbol: 'BTCUSDT',
    timeframe: '1h',
    bar_time: '2025-09-29T22:00:00.000Z',
    bar_close_time: '2025-09-29T23:00:00.000Z',
    settles_at: '2025-10-06T23:00:00.000Z',
    input: { submitted: 726, bars: 726, unfinished_dropped: 0 },
    outcome: { status: 'pending' },
    supersedes: null,
  })
  t.strictSame((await service.get(`/predictions/${prediction!.id}`)).json(), prediction)
  for (const id of ['0'.repeat(26), 'x', prediction!.id.toLowerCase() + 'u', '..%2f', 'a'.repeat(300)]) {
    t.match((await service.get(`/predictions/${id}`)).json(), { code: 'not-found', status: 404 }, id)
  }
})

t.test('a store that fails', async (t) => {
  const down = () =>
    Promise.reject(new Problem('store-unavailable', 'The disk is full.', {}, { retryAfterSeconds: 5, cause: new Error('ENOSPC') }))
  const broken = () => Promise.reject(new Error('secret inside'))
  const service = await startService(t, {
    swap: () => ({ predict: down, reader: { page: broken, find: down } }),
  })
  const response = await service.post(body)
  t.match(response.json(), { code: 'store-unavailable', status: 503 })
  t.equal(response.headers['retry-after'], '5')
  const internal = await service.get('/predictions')
  t.match(internal.json(), { code: 'internal', status: 500, request_id: internal.headers['x-request-id'] })
  t.notMatch(internal.body, /secret/)
  t.equal(internal.headers.etag, undefined)
})

t.test('over a socket', async (t) => {
  const service = await startService(t, { env: { BARCAST_BODY_LIMIT: '100kb' } })
  await service.app.listen({ port: 0 })
  const { port } = service.app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const headers = { 'content-type': 'application/json' }

  const tooLarge = await fetch(`${url}/predict`, { method: 'POST', headers, body: `[${'0,'.repeat(100_000)}0]` })
  t.equal(tooLarge.status, 413)
  t.match(await tooLarge.json(), { code: 'too-large', limit_bytes: 102_400, detail: /102400/ })
  const chunked = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 40; i++) controller.enqueue(new TextEncoder().encode('[0,0,0],'.repeat(1000)))
      controller.close()
    },
  })
  const chunkedAnswer = await fetch(`${url}/predict`, { method: 'POST', headers, body: chunked, duplex: 'half' })
  t.equal(chunkedAnswer.status, 413)
  for (let attempt = 0; attempt < 5; attempt++) {
    const threeTimes = await fetch(`${url}/predict`, { method: 'POST', headers, body: ' '.repeat(300_000) })
    t.equal(threeTimes.status, 413)
    t.not(threeTimes.headers.get('connection'), 'close', 'the rest is read, the connection stays')
    await threeTimes.text()
  }
  t.equal((await fetch(`${url}/predict`, { method: 'POST', headers, body: JSON.stringify(body) })).status, 201)

  const head = await fetch(`${url}/predictions`, { method: 'HEAD' })
  t.strictSame([head.status, await head.text()], [200, ''])
  t.ok(Number(head.headers.get('content-length')) > 500)

  const raw = (text: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text))
      let received = ''
      socket.on('data', (data) => (received += data.toString()))
      socket.on('close', () => resolve(received))
    })
  const malformed = await raw('NOT HTTP\r\n\r\n')
  t.match(malformed, /^HTTP\/1\.1 400 [^\r]*\r\ncontent-type: application\/problem\+json\r\n/)
  t.match(malformed, /"code":"invalid-request"/)
  t.match(
    await raw(`GET / HTTP/1.1\r\nHost: x\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`),
    /^HTTP\/1\.1 413 [\s\S]*"title":"The request is too large"[\s\S]*"code":"too-large"/,
  )
  const announced = 'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n'
  t.match(await raw(announced), /^HTTP\/1\.1 413 [\s\S]*connection: close/, 'more than anybody waits for')
  t.match(await raw('GET /models/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 400 [\s\S]*"code":"invalid-request"/)

  await new Promise<void>((resolve) => {
    get(`${url}/livez`, { headers: { 'x-request-id': 'mine-1' } }, (response) => {
      t.match(response.headers, { 'x-request-id': 'mine-1', 'x-content-type-options': 'nosniff' })
      response.resume().on('end', resolve)
    })
  })
})
