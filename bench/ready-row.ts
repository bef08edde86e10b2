import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { multiTimeframe } from '../src/features/multi-timeframe/catalogue.js'
import { realCandles } from '../tests/candles/support/real-candles.js'
import type { Order, Outcome } from './http/load.js'
import { asStarted } from './http/as-started.js'
import { startServer, type Server } from './http/server.js'

/**
 * One row of 440 ready features, scored without storing, against FastAPI and `Booster.predict` in the same run: `npm run bench:ready-row`
 * (needs `npm run build`, and Python with bench/native/requirements.txt: PYTHON=…). `bench/http.md` says what the lines mean.
 */
const scale = Number(process.argv[2] ?? 1)
const rounds = 9
const python = process.env.PYTHON ?? 'python3'
const peerProgram = fileURLToPath(new URL('native/ready_row_peer.py', import.meta.url))
const sample = fileURLToPath(new URL('../examples/models/btcusdt-logret-168h', import.meta.url))
const nFeatures = 440
const nBodies = 200

interface Line {
  readonly title: string
  readonly connections: number
  readonly server: Server
  readonly path: string
  readonly bodies: readonly string[]
  readonly results: { p50: number; p99: number; perSecond: number; cpuMs: number }[]
}

const folder = await mkdtemp(join(tmpdir(), 'barcast-bench-'))
const load = fork(new URL('http/load.ts', import.meta.url), { execArgv: ['--import', 'tsx'] })
const servers: Server[] = []
try {
  const names = await writeBundle()
  const { full, lean } = makeBodies(names)
  // Neither of the two writes a line per request.
  const port = await freePort()
  const env = {
    BARCAST_PORT: String(port),
    BARCAST_DATABASE: join(folder, 'bench.duckdb'),
    BARCAST_MODELS: join(folder, 'models'),
    BARCAST_LOG_LEVEL: 'warn',
  }
  const ours = await startServer(asStarted(), env, true, { port })
  servers.push(ours)
  const peer = await startServer([peerProgram, join(folder, 'models/ready-row/model.txt')], {}, false, { program: python })
  servers.push(peer)
  await check(ours, peer, full, lean)

  const lines = [1, 16].flatMap((connections): Line[] => [
    { title: 'barcast', connections, server: ours, path: '/predict?store=false', bodies: full, results: [] },
    { title: 'FastAPI, values only', connections, server: peer, path: '/predict', bodies: lean, results: [] },
    { title: 'FastAPI, the same body', connections, server: peer, path: '/predict', bodies: full, results: [] },
  ])
  for (const line of lines) await run(line, 2_000)
  for (let round = 0; round < rounds; round++) {
    for (const line of lines) line.results.push(await run(line, Math.ceil((line.connections === 1 ? 1_500 : 4_000) * scale)))
  }
  print(lines)
} finally {
  load.kill()
  for (const server of servers) await server.stop()
  await rm(folder, { recursive: true, force: true })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The sample of 300 trees, with features added that no tree splits on, until it has as many as the catalogue's base features. */
async function writeBundle(): Promise<string[]> {
  const text = await readFile(join(sample, 'model.txt'), 'utf8')
  const names = /^feature_names=(.*)$/m.exec(text)![1]!.split(' ')
  const more = multiTimeframe()
    .names.filter((name) => !names.includes(name))
    .slice(0, nFeatures - names.length)
  const all = [...names, ...more]
  const wider = text
    .replace(/^max_feature_idx=.*$/m, `max_feature_idx=${nFeatures - 1}`)
    .replace(/^feature_names=.*$/m, `feature_names=${all.join(' ')}`)
    .replace(/^(feature_infos=.*)$/m, `$1${' none'.repeat(more.length)}`)
  const manifest = JSON.parse(await readFile(join(sample, 'model.json'), 'utf8')) as Record<string, unknown>
  const path = join(folder, 'models/ready-row')
  await mkdir(path, { recursive: true })
  await writeFile(join(path, 'model.txt'), wider)
  await writeFile(join(path, 'model.json'), JSON.stringify({ ...manifest, sha256: createHash('sha256').update(wider).digest('hex') }))
  return all
}

/** Real rows of the newest bars: with names and times as barcast takes them, and values alone. */
function makeBodies(names: readonly string[]): { full: string[]; lean: string[] } {
  const candles = realCandles()
  const plan = multiTimeframe().compile(names, { baseBars: 720, bufferBars: 6 })
  const row = new Float64Array(names.length)
  const full: string[] = []
  const lean: string[] = []
  for (let k = 0; k < nBodies; k++) {
    const bar = candles.nBars - 1 - k
    plan.compute(candles, bar, row)
    const values = Array.from(row, (value) => (Number.isNaN(value) ? null : value))
    lean.push(JSON.stringify({ rows: [values] }))
    full.push(JSON.stringify({ model: 'ready-row', features: { columns: names, rows: [values], timestamps: [candles.openTimeMs[bar]] } }))
  }
  return { full, lean }
}

async function check(ours: Server, peer: Server, full: readonly string[], lean: readonly string[]): Promise<void> {
  const ask = async (url: string, body: string) => {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    return (await response.json()) as { predictions?: { y_pred: number }[]; y_pred?: number[] }
  }
  for (let k = 0; k < nBodies; k += 20) {
    const expected = (await ask(`${peer.url}/predict`, lean[k]!)).y_pred?.[0]
    const same = (await ask(`${peer.url}/predict`, full[k]!)).y_pred?.[0]
    const got = (await ask(`${ours.url}/predict?store=false`, full[k]!)).predictions?.[0]?.y_pred
    if (got === undefined || got !== expected || got !== same) throw new Error(`row ${k}: ${got} is not ${expected}`)
  }
}

async function run({ connections, server, path, bodies }: Line, requests: number): Promise<Line['results'][number]> {
  const order: Order = { port: server.port, connections, requests, path, bodies }
  const before = server.cpuSeconds().all
  load.send(order)
  const [outcome] = (await once(load, 'message')) as [Outcome]
  if (outcome.statuses['200'] !== requests) throw new Error(JSON.stringify(outcome.statuses))
  const sorted = [...outcome.latenciesMs].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)]!
  const cpuMs = ((server.cpuSeconds().all - before) / requests) * 1000
  return { p50: at(0.5), p99: at(0.99), perSecond: requests / outcome.seconds, cpuMs }
}

function print(lines: readonly Line[]): void {
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'} × ${cpus().length}, Node ${process.version}, medians of ${rounds} rounds\n`)
  console.log(
    '| | connections | p50 ms | p99 ms | CPU ms | requests/s | requests/s, barcast = 1 |\n| --- | --- | --- | --- | --- | --- | --- |',
  )
  for (const line of lines) {
    const of = (name: keyof Line['results'][number], from = line) => median(from.results.map((result) => result[name]))
    const own = lines.find(({ title, connections }) => title === 'barcast' && connections === line.connections)!
    const ratio = of('perSecond') / of('perSecond', own)
    const cells = [of('p50').toFixed(3), of('p99').toFixed(2), of('cpuMs').toFixed(3), of('perSecond').toFixed(0), ratio.toFixed(2)]
    console.log(`| ${line.title} | ${line.connections} | ${cells.join(' | ')} |`)
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? NaN
}
