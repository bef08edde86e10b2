import { type ClientRequest, get, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Prediction } from '../../src/predictions/schema.js'
import { type Service, startService } from '../support/service.js'
import { firstBarMs, hourMs, prediction } from '../store/support/prediction.js'

const idOf = (n: number) => String(n).padStart(26, '0')

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly ms: number
  /** When the last byte came, on the clock of `performance.now()`. */
  readonly atMs: number
}

/** A service that listens, with one prediction, and a client of it. */
async function start(t: Test): Promise<Service & { ask: (query: string, headers?: Record<string, string>) => Asked }> {
  const service = await startService(t, { atOnce: true })
  await service.parts.store.record([prediction({ id: idOf(0) })])
  await service.app.listen({ port: 0 })
  const { port } = service.app.server.address() as AddressInfo
  return { ...service, ask: (query, headers = {}) => ask(port, query, headers) }
}

interface Asked {
  readonly answer: Promise<Answer>
  readonly request: ClientRequest
}

function ask(port: number, query: string, headers: Record<string, string>): Asked {
  const started = performance.now()
  let request!: ClientRequest
  const answer = new Promise<Answer>((resolve, reject) => {
    request = get({ port, path: `/predictions${query}`, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => {
        const atMs = performance.now()
        resolve({ status: response.statusCode!, headers: response.headers, body, ms: atMs - started, atMs })
      })
    }).on('error', reject)
  })
  return { answer, request }
}

const ids = ({ body }: Answer) => (JSON.parse(body) as { predictions: Prediction[] }).predictions.map(({ id }) => id)

t.test('an answer that is known is held back until there is another one', async (t) => {
  const { ask, parts } = await start(t)
  const etag = (await ask('').answer).headers.etag!
  const waiting = ask('', { 'if-none-match': etag, prefer: 'wait=25' })
  await setTimeout(100)
  await parts.store.record([prediction({ id: idOf(1), barTimeMs: firstBarMs + hourMs })])
  const committed = performance.now()
  const answer = await waiting.answer
  t.equal(answer.status, 200)
  t.strictSame(ids(answer), [idOf(1), idOf(0)])
  t.equal(answer.headers['preference-applied'], 'wait=25')
  t.match(answer.headers, { vary: 'accept, prefer', 'cache-control': 'no-cache' })
  t.not(answer.headers.etag, etag)
  t.comment(`answered ${Math.round(answer.atMs - committed)} ms after the commit`)
  t.equal((await ask('', { 'if-none-match': answer.headers.etag! }).answer).status, 304, 'the new tag is current')
})

t.test('a tag of before is answered at once', async (t) => {
  const { ask, parts } = await start(t)
  const etag = (await ask('').answer).headers.etag!
  await parts.store.record([prediction({ id: idOf(1), barTimeMs: firstBarMs + hourMs })])
  const answer = await ask('', { 'if-none-match': etag, prefer: 'wait=25' }).answer
  t.equal(answer.status, 200)
  t.ok(answer.ms < 5_000)
})

t.test('304 at the end of the wait', async (t) => {
  const { ask } = await start(t)
  const etag = (await ask('').answer).headers.etag!
  const answer = await ask('', { 'if-none-match': etag, prefer: 'wait=1' }).answer
  t.strictSame([answer.status, answer.body, answer.headers.etag], [304, '', etag])
  t.equal(answer.headers['preference-applied'], 'wait=1')
  t.ok(answer.ms >= 950)
})

t.test('what is empty is waited for without a tag', async (t) => {
  const { ask, parts } = await start(t)
  const query = `?from=${firstBarMs + hourMs}`
  const first = ask(query, { prefer: 'wait=25' })
  await setTimeout(100)
  await parts.store.record([prediction({ id: idOf(1), barTimeMs: firstBarMs + hourMs })])
  t.strictSame(ids(await first.answer), [idOf(1)])
  t.strictSame(ids(await ask(query, { prefer: 'wait=25' }).answer), [idOf(1)], 'what is there is answered at once')
  const never = await ask('?symbol=NOBODY', { prefer: 'wait=1' }).answer
  t.equal(never.status, 200)
  t.strictSame(ids(never), [], 'empty at the end of the wait')
})

t.test('only what changes this answer ends the wait', async (t) => {
  const { ask, parts } = await start(t)
  const query = '?model=btcusdt-logret-168h'
  const etag = (await ask(query).answer).headers.etag!
  const waiting = ask(query, { 'if-none-match': etag, prefer: 'wait=2' })
  await setTimeout(100)
  await parts.store.record([prediction({ id: idOf(1), model: 'another' })])
  await parts.store.log.alive({ id: 'r', fromMs: 0, untilMs: 1 })
  const one = Float64Array.of(1)
  const frame = { nBars: 1, openTimeMs: Float64Array.of(firstBarMs), open: one, high: one, low: one, close: one, volume: one }
  await parts.store.candles.keep({ symbol: 'BTCUSDT', timeframe: '1h' }, frame, 0)
  t.equal((await waiting.answer).status, 304)
})

t.test('many who wait for the same are answered together; each other format too', async (t) => {
  const { ask, parts } = await start(t)
  const etag = (await ask('').answer).headers.etag!
  const csvEtag = (await ask('', { accept: 'text/csv' }).answer).headers.etag!
  const waiting = Array.from({ length: 100 }, () => ask('', { 'if-none-match': etag, prefer: 'wait=25' }))
  waiting.push(ask('', { 'if-none-match': csvEtag, prefer: 'wait=25', accept: 'text/csv' }))
  await setTimeout(500)
  await parts.store.record([prediction({ id: idOf(1), barTimeMs: firstBarMs + hourMs })])
  const answers = await Promise.all(waiting.map(({ answer }) => answer))
  t.ok(answers.every(({ status }) => status === 200))
  t.ok(answers.every(({ body }) => body.includes(idOf(1))))
})

t.test('clients that go away are forgotten, and a service that closes answers those who wait', async (t) => {
  const { ask, app } = await start(t)
  const etag = (await ask('').answer).headers.etag!
  const gone = ask('', { 'if-none-match': etag, prefer: 'wait=60' })
  const stays = ask('', { 'if-none-match': etag, prefer: 'wait=60' })
  await setTimeout(200)
  gone.request.destroy()
  await t.rejects(gone.answer, { code: 'ECONNRESET' })
  const started = performance.now()
  const closing = app.close()
  const answer = await stays.answer
  t.equal(answer.status, 304)
  await closing
  t.ok(performance.now() - started < 10_000, 'nobody is waited for')
})
