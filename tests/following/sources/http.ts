import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { FollowFailure } from '../../../src/following/failure.js'
import { followFileSchema } from '../../../src/following/schema.js'
import { createHttpSource, type HttpSettings } from '../../../src/following/sources/http.js'
import { startKlineServer } from '../../support/kline-server.js'
import { createMarket } from '../support/market.js'

const durMs = 60_000
const startMs = Date.UTC(2025, 0, 1)
const nowMs = startMs + 20.5 * durMs
const never = new AbortController().signal
const series = { symbol: 'BTC/USDT', timeframe: '1m' }

function settings(more: object): HttpSettings {
  const file = { series: [{ symbol: 'X', timeframe: '1m', source: { kind: 'http', ...more } }] }
  return followFileSchema.parse(file).series[0]!.source as HttpSettings
}

const market = createMarket(durMs)
const startMarket = (t: Test) => startKlineServer((since, limit) => market.rows(since, nowMs, limit), t)

async function failure(asked: Promise<unknown>): Promise<FollowFailure> {
  return asked.then(
    () => Promise.reject(new Error('no failure')),
    (error: unknown) => {
      if (error instanceof FollowFailure) return error
      throw error
    },
  )
}

t.test('placeholders are filled in, secrets too; nothing of them is told', async (t) => {
  const server = await startMarket(t)
  const secrets = { BARCAST_SECRET_KEY: 'k&y', BARCAST_SECRET_TOKEN: 'hush' }
  const more = {
    url: `${server.url}&key=\${BARCAST_SECRET_KEY}`,
    headers: { 'X-Token': 'Bearer ${BARCAST_SECRET_TOKEN}' },
    limit: 7,
    interval: '1',
  }
  const source = createHttpSource(settings(more), series, secrets)
  const bars = await source.page(startMs, never)
  t.equal(bars?.nBars, 7)
  t.equal(bars?.openTimeMs[0], startMs)
  t.equal(bars?.close[3], market.row(startMs + 3 * durMs)[4])
  const { path, headers } = server.requests[0]!
  t.equal(path, `/klines?symbol=BTC%2FUSDT&interval=1&startTime=${startMs}&limit=7&key=k%26y`)
  t.equal(headers['x-token'], 'Bearer hush')
  t.notMatch(source.about, /hush|k&y|key/)
  t.match(source.about, `http 127.0.0.1:${server.port}`)
})

t.test('every way to misbehave has its reason, and the next look works', async (t) => {
  const server = await startMarket(t)
  const source = createHttpSource(settings({ url: server.url, timeout_ms: 300, max_bytes: 100_000 }), series, {})
  const reasons = {
    slow: 'timeout',
    'slow-body': 'timeout',
    limited: 'rate-limited',
    broken: 'status',
    truncated: 'bad-json',
    'hang-up': 'unreachable',
    huge: 'too-large',
    elsewhere: 'redirect',
  } as const
  for (const [fault, reason] of Object.entries(reasons)) {
    server.fail(fault as keyof typeof reasons)
    const failed = await failure(source.page(startMs, never))
    t.equal(failed.reason, reason, fault)
    if (fault === 'truncated') t.match(failed.message, /^the answer is cut off: its JSON ends in the middle, after \d+ bytes$/)
    if (fault === 'hang-up') t.match(failed.message, /hung up/)
    t.notMatch(failed.message, /startTime/, 'no URL in it')
    t.equal((await source.page(startMs, never))?.nBars, 21)
  }
  server.fail('limited')
  t.equal((await failure(source.page(startMs, never))).retryAfterMs, 1_000)
  server.fail('redirect')
  t.equal((await source.page(startMs, never))?.nBars, 21, 'on the same host')
  server.fail('empty')
  t.equal(await source.page(startMs, never), undefined)
  server.fail('unordered')
  t.equal((await source.page(startMs, never))?.openTimeMs[0], startMs + 20 * durMs, 'order is not its business')
  await server.close()
  t.match(await failure(source.page(startMs, never)), { reason: 'unreachable', message: /cannot be reached/ })
})

t.test('ends at once', async (t) => {
  const server = await startMarket(t)
  const source = createHttpSource(settings({ url: server.url }), series, {})
  for (const fault of ['slow', 'slow-body'] as const) {
    server.fail(fault)
    const ending = new AbortController()
    setTimeout(() => ending.abort(), 50)
    const started = Date.now()
    await t.rejects(source.page(startMs, ending.signal), { name: 'AbortError' })
    t.ok(Date.now() - started < 2_000)
  }
  await t.rejects(source.page(startMs, AbortSignal.abort()), { name: 'AbortError' })
})

async function serveText(t: Test, body: string | Buffer, headers: Record<string, string> = {}): Promise<string> {
  const server = createServer((_, response) => void response.writeHead(200, headers).end(body)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close(() => server.closeAllConnections()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`
}

t.test('layouts', async (t) => {
  const bar = { t: startMs, o: 1, h: '3', l: 0.5, c: 2, v: 7 }
  const read = async (body: unknown, more: object = {}) => {
    const url = await serveText(t, JSON.stringify(body))
    return createHttpSource(settings({ url, ...more }), series, {}).page(startMs, never)
  }
  const seconds = startMs / 1_000
  t.match(await read([bar]), { nBars: 1, high: [3] })
  t.match(await read({ t: [startMs], o: [1], h: [3], l: [0.5], c: [2], v: [7] }, { shape: 'columns' }), { nBars: 1, close: [2] })
  t.match(await read({ result: { list: [[startMs, 1, 3, 0.5, 2, 7]] } }, { at: '/result/list' }), { openTimeMs: [startMs] })
  t.match(await read([[seconds, 0.5, 3, 1, 2, 7]], { time_unit: 's', columns: ['timestamp', 'low', 'high', 'open', 'close', 'volume'] }), {
    openTimeMs: [startMs],
    low: [0.5],
    open: [1],
  })
  t.match(await read([{ ...bar, t: seconds }], { time_unit: 's' }), { openTimeMs: [startMs] })
  t.match(await read({ t: [seconds], o: [1], h: [3], l: [0.5], c: [2], v: [7] }, { time_unit: 's' }), { openTimeMs: [startMs] })
  t.equal(await read({ t: [], o: [], h: [], l: [], c: [], v: [] }), undefined)
  for (const [body, more] of [
    [{ error: 'x' }, {}],
    ['text', {}],
    [null, {}],
    [[bar], { shape: 'rows' }],
    [{ result: {} }, { at: '/result/list' }],
    [[[startMs, 1, 3, 0.5, 2]], {}],
    [[{ ...bar, c: null }], {}],
  ] as const) {
    t.match(await failure(read(body, more)), { reason: 'bad-candles' }, JSON.stringify(body))
  }
})

t.test('an answer that is small on the wire counts as it is unpacked', async (t) => {
  const url = await serveText(t, gzipSync(Buffer.alloc(1_000_000, ' ')), { 'content-encoding': 'gzip' })
  t.match(await failure(createHttpSource(settings({ url, max_bytes: 10_000 }), series, {}).page(startMs, never)), { reason: 'too-large' })
})
