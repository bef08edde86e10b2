import { connect, type Socket } from 'node:net'
import { createFrames, type Movement } from './frames.js'

/** What the load generator is told to do, and what it tells afterwards; one message each way. */
export interface Order {
  readonly port: number
  readonly connections: number
  readonly requests: number
  readonly path: string
  /** Frames to post, from this number on; without them, and without bodies, a GET with If-None-Match. */
  readonly frames?: { readonly movement: Movement; readonly from: number }
  /** Bodies to post, again and again in this order. */
  readonly bodies?: readonly string[]
  /** Connections wait for each other before they ask again; a latency is that of the last answer then. */
  readonly together?: boolean
  readonly etag?: string
}

export interface Outcome {
  readonly latenciesMs: readonly number[]
  readonly seconds: number
  readonly statuses: Readonly<Record<string, number>>
}

/**
 * The load generator, a process of its own: plain sockets, one request at a time on each, requests made beforehand or put together from
 * texts, so that what it takes from the server's cores is small.
 */
process.on('message', (order: Order) => void run(order).then((outcome) => process.send?.(outcome)))

async function run({ port, connections, requests, path, frames, bodies, together = false, etag }: Order): Promise<Outcome> {
  const latenciesMs: number[] = []
  const statuses: Record<string, number> = {}
  const made = frames === undefined ? undefined : framesOf(frames.movement)
  const posts = bodies?.map((body) => post(path, Buffer.from(body)))
  const get = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: bench\r\nIf-None-Match: ${etag}\r\n\r\n`)
  let sent = 0
  let waiting: (() => void)[] = []
  let roundStartedMs = performance.now()

  /** Answered: asks again at once, or when all have been answered. */
  const again = (startedMs: number, ask: () => void): void => {
    if (!together) {
      latenciesMs.push(performance.now() - startedMs)
      return ask()
    }
    waiting.push(ask)
    if (waiting.length < connections) return
    if (startedMs > 0) latenciesMs.push(performance.now() - roundStartedMs)
    const all = waiting
    waiting = []
    roundStartedMs = performance.now()
    for (const each of all) each()
  }

  const next = (): Buffer => {
    const k = sent++
    if (posts !== undefined) return posts[k % posts.length]!
    if (made === undefined || frames === undefined) return get
    return post(path, made.body(frames.from + k))
  }

  const oneConnection = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
      let startedMs = 0
      let answer = ''
      const ask = () => {
        if (sent >= requests) return void socket.end(resolve)
        const request = next()
        answer = ''
        startedMs = performance.now()
        socket.write(request)
      }
      socket.on('connect', together ? () => again(0, ask) : ask).on('error', reject)
      socket.on('data', (data: Buffer) => {
        answer += data.toString('latin1')
        if (!isWhole(answer)) return
        const status = answer.slice(9, 12)
        statuses[status] = (statuses[status] ?? 0) + 1
        again(startedMs, ask)
      })
    })

  const started = performance.now()
  await Promise.all(Array.from({ length: connections }, oneConnection))
  return { latenciesMs, seconds: (performance.now() - started) / 1000, statuses }
}

function post(path: string, body: Buffer): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

const known = new Map<Movement, ReturnType<typeof createFrames>>()

function framesOf(movement: Movement) {
  const frames = known.get(movement) ?? createFrames(movement)
  known.set(movement, frames)
  return frames
}

function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf('\r\n\r\n')
  if (headEnd < 0) return false
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(answer)?.[1] ?? 0)
  return answer.length >= headEnd + 4 + length
}
