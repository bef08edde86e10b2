import { pino } from 'pino'
import t from 'tap'
import { Problem } from '../../src/errors.js'
import { startService } from '../support/service.js'

t.test('paths and methods that are not there', async (t) => {
  const { app } = await startService(t)
  const ask = (method: string, url: string, headers = {}) =>
    app.inject({ method: method as 'GET', url, headers, payload: method === 'GET' ? undefined : 'x' })

  for (const url of ['/', '/nothing', '/predictions/a/b', '/models/x/y', '/models/', '/Predict']) {
    const response = await ask('GET', url)
    t.strictSame([response.statusCode, response.headers['content-type']], [404, 'application/problem+json'], url)
    t.match(response.json(), { code: 'not-found', type: 'urn:problem:barcast:not-found', request_id: response.headers['x-request-id'] })
  }
  const wrong: [string, string, string][] = [
    ['GET', '/predict', 'POST'],
    ['PUT', '/predict', 'POST'],
    ['DELETE', '/predictions/00000000000000000000000000', 'GET, HEAD'],
    ['POST', '/predictions', 'GET, HEAD'],
    ['PATCH', '/models', 'GET, HEAD'],
    ['OPTIONS', '/models/x', 'GET, HEAD'],
    ['POST', '/openapi.json', 'GET, HEAD'],
  ]
  for (const [method, url, allowed] of wrong) {
    const response = await ask(method, url, { 'content-type': 'application/xml' })
    t.strictSame([response.statusCode, response.headers.allow], [405, allowed], `${method} ${url}`)
    t.match(response.json(), { code: 'method-not-allowed', allowed: allowed.split(', ') })
  }
})

t.test('a refusal that has no cause is one line in the log, one that has shows it', async (t) => {
  const lines: Record<string, unknown>[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) })
  const down = () => Promise.reject(new Problem('store-unavailable', 'gone', {}, { cause: new Error('ENOSPC') }))
  const { app, get } = await startService(t, {
    atOnce: true,
    swap: ({ reader }) => ({ logger, reader: { ...reader, page: down } }),
  })
  const payload = { symbol: 'x', candles: [[1709251200000, 1, 1, 1, 1, 1]] }
  t.equal((await app.inject({ method: 'POST', url: '/predict', payload })).statusCode, 503)
  t.equal((await get('/predictions')).statusCode, 503)
  t.match(lines, [
    { code: 'model-unavailable', detail: /still loading/ },
    { code: 'store-unavailable', err: { message: 'ENOSPC', stack: String } },
  ])
  t.equal(lines[0]?.['err'], undefined)
})

t.test('request ids are taken over when they are harmless', async (t) => {
  const { get } = await startService(t)
  t.equal((await get('/livez', { 'x-request-id': 'abc-1.2:3_4' })).headers['x-request-id'], 'abc-1.2:3_4')
  for (const id of ['', 'a b', 'x'.repeat(200), 'é', '"}']) {
    t.match((await get('/livez', { 'x-request-id': id })).headers['x-request-id'], /^[0-9a-f-]{36}$/, id)
  }
})

t.test('a body in another format: each route says what it takes', async (t) => {
  const { app } = await startService(t, { atOnce: true })
  const send = (url: string, headers: Record<string, string>, payload: string | Buffer = '{}') =>
    app.inject({ method: 'POST', url, headers, payload })
  const [json, csv] = [{ 'content-type': 'application/json' }, { 'content-type': 'text/csv' }]
  const others = [
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/json; charset=utf-16' },
    { ...json, 'content-encoding': 'gzip' },
  ]
  for (const [url, accepted] of [
    ['/backfills', ['application/json']],
    ['/verifications', ['application/json']],
    ['/predict', ['application/json', 'text/csv']],
    ['/features', ['application/json', 'text/csv']],
    ['/candles', ['application/json', 'text/csv']],
  ] as const) {
    for (const headers of [...others, ...(accepted.length === 1 ? [csv] : [])]) {
      const response = await send(url, headers)
      t.equal(response.statusCode, 415, `${url} ${JSON.stringify(headers)}`)
      t.match(response.json(), { code: 'unsupported-media-type', detail: `; send ${accepted.join(' or ')}, in UTF-8, not compressed.` })
      t.strictSame(response.json<{ accepted: string[] }>().accepted, accepted)
    }
  }
  const reload = await send('/models/reload', { 'content-type': 'text/plain' }, 'x')
  t.match(reload.json(), { code: 'unsupported-media-type', detail: /send no body/ })
  t.strictSame(reload.json<{ accepted: string[] }>().accepted, [])
})

t.test('what POST /predict reads, the routes that take only JSON read too', async (t) => {
  const { app } = await startService(t, { atOnce: true })
  for (const [headers, payload] of [
    [{ 'content-type': 'application/json', 'content-encoding': 'identity' }, '{"sample":0}'],
    [{ 'content-type': 'Application/JSON; charset="UTF-8"', 'content-encoding': 'Identity' }, '{"sample":0}'],
    [{ 'content-type': 'application/json' }, '\ufeff{"sample":0}'],
  ] as const) {
    const response = await app.inject({ method: 'POST', url: '/verifications', headers, payload })
    t.match(response.json(), { code: 'invalid-request', errors: [{ pointer: '/sample' }] }, 'read, and its field refused')
  }
  const empty = await app.inject({ method: 'POST', url: '/backfills', headers: { 'content-type': 'application/json' }, payload: '\ufeff' })
  t.equal(empty.json<{ code: string }>().code, 'bad-json')
})
