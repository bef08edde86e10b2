import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createFrames } from './http/frames.js'
import type { Order, Outcome } from './http/load.js'
import { asStarted } from './http/as-started.js'
import { startServer, type Server } from './http/server.js'

/**
 * What a request costs: `npm run bench:http` (needs `npm run build`). The server process that ships, a database file in a temporary
 * folder, a load generator process on the same cores. `bench/http.md` says what the lines mean.
 */
const scale = Number(process.argv[2] ?? 1)
const rounds = 5
const floorProgram = fileURLToPath(new URL('http/floor.ts', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'barcast-bench-'))
const load = fork(new URL('http/load.ts', import.meta.url), { execArgv: ['--import', 'tsx'] })

interface Row {
  readonly title: string
  readonly order: Omit<Order, 'port' | 'requests' | 'etag'>
  readonly requests: number
  /** Where it goes: the service; a second one, whose newest bar is asked again and again; the empty server. */
  readonly target: 'service' | 'standing' | 'floor'
  readonly results: { p50: number; p99: number; perSecond: number; cpuMs: number; mainMs: number }[]
}

try {
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'} × ${cpus().length}, Node ${process.version}, medians of ${rounds} rounds\n`)
  const readyMs: number[] = []
  for (let k = 0; k < rounds; k++) {
    const server = await startBarcast(`start-${k}`)
    readyMs.push(server.readyMs)
    await server.stop()
  }
  const server = await startBarcast('load')
  const floor = await startServer(['--import', 'tsx', floorProgram], {}, false)
  const atStartMb = server.residentMb().now
  const standing = await startBarcast('standing')
  const rows = await measure({ service: server, standing, floor })
  const { now, most } = server.residentMb()
  print(rows)
  console.log(`\nstart to ready with ${(await readyModels(server.url)) ?? '?'} models: ${median(readyMs).toFixed(0)} ms`)
  console.log(`resident: ${atStartMb.toFixed(0)} MB after the start, ${now.toFixed(0)} MB at the end, ${most.toFixed(0)} MB at most`)
  await Promise.all([server.stop(), standing.stop(), floor.stop()])
} finally {
  load.kill()
  await rm(folder, { recursive: true, force: true })
}

function startBarcast(name: string): Promise<Server> {
  const env = { BARCAST_PORT: '0', BARCAST_DATABASE: join(folder, `${name}.duckdb`) }
  return startServer(asStarted(), env, true)
}

/** Every line once per round, so that a busy moment of the machine hits all of them alike. */
async function measure(servers: Readonly<Record<Row['target'], Server>>): Promise<Row[]> {
  const moving = (path: string, connections: number) => ({ path, connections, frames: { movement: 'moving', from: 0 } as const })
  const rows: Row[] = [
    { title: 'empty server, same body, 1 connection', order: moving('/', 1), requests: 2000, target: 'floor', results: [] },
    { title: '?store=false, 1 connection', order: moving('/predict?store=false', 1), requests: 1000, target: 'service', results: [] },
    { title: 'durable, 1 connection', order: moving('/predict', 1), requests: 600, target: 'service', results: [] },
    { title: 'durable, 16 connections', order: moving('/predict', 16), requests: 1600, target: 'service', results: [] },
    {
      title: 'durable, newest bar again, 1 connection',
      order: { path: '/predict', connections: 1, frames: { movement: 'standing', from: 0 } },
      requests: 300,
      target: 'standing',
      results: [],
    },
    {
      title: 'GET /predictions, 304, 16 connections',
      order: { path: '/predictions', connections: 16 },
      requests: 10_000,
      target: 'service',
      results: [],
    },
  ]
  const available = createFrames('moving').count
  let stored = 0
  let stood = 0
  for (const { port } of [servers.service, servers.standing]) {
    await ask({ ...moving('/predict?store=false', 16), port, requests: 1500 })
  }
  for (let round = 0; round < rounds; round++) {
    for (const row of rows) {
      const target = servers[row.target]
      const requests = Math.ceil(row.requests * scale)
      const { frames } = row.order
      const order: Order = { ...row.order, port: target.port, requests }
      const isStored = row.order.path === '/predict'
      const from = frames?.movement === 'standing' ? stood : isStored ? stored : available - 5000
      if (isStored && frames?.movement === 'standing') stood += requests
      else if (isStored) stored += requests
      const etag = frames === undefined ? (await fetch(`${target.url}/predictions?limit=1`)).headers.get('etag') : null
      const before = target.cpuSeconds()
      const outcome = await ask({ ...order, ...(frames && { frames: { ...frames, from } }), ...(etag !== null && { etag }) })
      const after = target.cpuSeconds()
      const expected = frames === undefined ? '304' : isStored ? '201' : '200'
      if (outcome.statuses[expected] !== requests) throw new Error(`${row.title}: ${JSON.stringify(outcome.statuses)}`)
      row.results.push({
        p50: quantile(outcome.latenciesMs, 0.5),
        p99: quantile(outcome.latenciesMs, 0.99),
        perSecond: requests / outcome.seconds,
        cpuMs: ((after.all - before.all) / requests) * 1000,
        mainMs: ((after.main - before.main) / requests) * 1000,
      })
    }
  }
  return rows
}

async function ask(order: Order): Promise<Outcome> {
  load.send(order)
  const [outcome] = (await once(load, 'message')) as [Outcome]
  return outcome
}

async function readyModels(url: string): Promise<number | undefined> {
  const { models } = (await (await fetch(`${url}/readyz`)).json()) as { models: { served: number } }
  return models.served
}

function print(rows: readonly Row[]): void {
  console.log('| | p50 ms | p99 ms | requests/s | CPU ms | of it main thread |\n| --- | --- | --- | --- | --- | --- |')
  for (const { title, results } of rows) {
    const of = (name: 'p50' | 'p99' | 'perSecond' | 'cpuMs' | 'mainMs', digits: number) =>
      median(results.map((result) => result[name])).toFixed(digits)
    console.log(`| ${title} | ${of('p50', 2)} | ${of('p99', 2)} | ${of('perSecond', 0)} | ${of('cpuMs', 2)} | ${of('mainMs', 2)} |`)
  }
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * share)] ?? NaN
}
