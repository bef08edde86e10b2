import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** How the next requests are answered. */
export type KlineFault =
  | 'slow' // nothing for a long time
  | 'slow-body' // half of the answer, then nothing for a long time
  | 'limited' // 429 with Retry-After
  | 'broken' // 500
  | 'truncated' // JSON that ends in the middle
  | 'hang-up' // the connection closes in the middle
  | 'unordered' // the newest bar first
  | 'conflict' // one bar twice, with other values
  | 'huge' // more than anybody wants
  | 'redirect' // to another path of this server
  | 'elsewhere' // to another host
  | 'empty' // no bars

export interface KlineServer {
  /** With the placeholders of a follow file. */
  readonly url: string
  readonly port: number
  /** Answers the next requests so, one each; after them properly. */
  readonly fail: (...faults: KlineFault[]) => void
  /** Answers everything with 500 until it is set to false. */
  outage: boolean
  readonly requests: { readonly path: string; readonly headers: IncomingMessage['headers']; readonly fault: KlineFault | undefined }[]
  /** Most requests that were being answered at one moment. */
  readonly mostAtOnce: () => number
  readonly close: () => Promise<void>
}

/** Rows from `sinceMs` on, at most `limit`, with the unfinished bar at the end: `[t, open, high, low, close, volume]`. */
export type Rows = (sinceMs: number, limit: number) => readonly (readonly number[])[]

/** A local server that speaks as exchanges do, prices as text, and misbehaves when told so. */
export async function startKlineServer(rows: Rows, t?: Test): Promise<KlineServer> {
  const faults: KlineFault[] = []
  const requests: KlineServer['requests'] = []
  let atOnce = 0
  let mostAtOnce = 0
  const server = createServer((request, response) => {
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    response.on('close', () => atOnce--)
    const { searchParams, pathname } = new URL(request.url!, 'http://localhost')
    const fault = kline.outage ? 'broken' : pathname === '/klines' ? faults.shift() : undefined
    requests.push({ path: request.url!, headers: request.headers, fault })
    const since = Number(searchParams.get('startTime'))
    const limit = Number(searchParams.get('limit') ?? 500)
    answer(request, response, rows(since, limit), fault)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const kline: KlineServer = {
    url: `http://127.0.0.1:${port}/klines?symbol={symbol}&interval={interval}&startTime={since}&limit={limit}`,
    port,
    outage: false,
    fail: (...more) => void faults.push(...more),
    requests,
    mostAtOnce: () => mostAtOnce,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  t?.teardown(() => kline.close())
  return kline
}

function answer(request: IncomingMessage, response: ServerResponse, rows: ReturnType<Rows>, fault: KlineFault | undefined): void {
  const text = (list: ReturnType<Rows>) => JSON.stringify(list.map(([t, ...cells]) => [t, ...cells.map(String), t! + 59_999, '0']))
  const json = { 'content-type': 'application/json' }
  const whole = text(rows)
  switch (fault) {
    case undefined:
      return void response.writeHead(200, json).end(whole)
    case 'slow':
      return
    case 'slow-body':
      return void response.writeHead(200, json).write(whole.slice(0, whole.length / 2))
    case 'limited':
      return void response.writeHead(429, { 'retry-after': '1' }).end('{"code":-1003}')
    case 'broken':
      return void response.writeHead(500).end('oops')
    case 'truncated':
      return void response.writeHead(200, json).end(whole.slice(0, -7))
    case 'hang-up':
      response.writeHead(200, { ...json, 'content-length': String(whole.length) }).write(whole.slice(0, whole.length / 2))
      return void setTimeout(() => response.destroy(), 5)
    case 'unordered':
      return void response.writeHead(200, json).end(text(rows.toReversed()))
    case 'conflict':
      return void response.writeHead(200, json).end(text(rows.length === 0 ? rows : [...rows, rows[0]!.with(5, 123_456)]))
    case 'huge':
      return void response.writeHead(200, json).end(`[${'0,'.repeat(10_000_000)}0]`)
    case 'redirect':
      return void response.writeHead(307, { location: `/moved${new URL(request.url!, 'http://localhost').search}` }).end()
    case 'elsewhere':
      return void response.writeHead(302, { location: 'http://localhost:1/klines' }).end()
    case 'empty':
      return void response.writeHead(200, json).end('[]')
  }
}
