import { mkdtemp, rm, stat } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { realCandlesCsv } from '../tests/candles/support/real-candles.js'
import { type Server, startServer } from './http/server.js'

/**
 * What filling and proving history costs: `npm run bench:backfill` (needs `npm run build`; another program may be named as the first argument).
 * The server process that ships, a database file in a temporary folder, five years of real hourly candles, a model with 440 features; through
 * POST /backfills and POST /verifications. Beside each time the CPU seconds that the server took, which other work on the machine changes less.
 */
const main = process.argv[2] ?? fileURLToPath(new URL('../dist/main.js', import.meta.url))
const models = fileURLToPath(new URL('../examples/models', import.meta.url))
const rounds = 5
const model = 'btcusdt-logret-168h'
const hourMs = 3_600_000

const csv = realCandlesCsv()
const lastMs = Date.parse('2025-09-29T22:00:00Z')
const folder = await mkdtemp(join(tmpdir(), 'barcast-bench-'))

console.log(`${cpus()[0]?.model ?? 'unknown CPU'} × ${cpus().length}, Node ${process.version}, model ${model}`)
try {
  await thousandBars()
  await wholeFile()
} finally {
  await rm(folder, { recursive: true })
}

/** One server, whose code is warm after some bars; other bars in each round. */
async function thousandBars(): Promise<void> {
  const server = await start('thousand')
  const window = (back: number, nBars: number) => ({
    model,
    mode: 'window',
    from: lastMs - (back + nBars - 1) * hourMs,
    to: lastMs - back * hourMs,
  })
  await run(server, '/backfills', window(0, 500))
  const ran: Ran[] = []
  for (let round = 0; round < rounds; round++) {
    const one = await run(server, '/backfills', window(500 + round * 1_000, 1_000))
    expect(one.result.written, 1_000)
    ran.push(one)
  }
  const sorted = ran.map(({ seconds }) => seconds).sort((a, b) => a - b)
  const cpu = ran.map(({ cpuSeconds }) => cpuSeconds).sort((a, b) => a - b)
  const shown = [sorted[2], sorted[4], cpu[2]].map((value) => value!.toFixed(2))
  console.log(`1,000 bars, scored and committed: median ${shown[0]} s, worst ${shown[1]} s of ${rounds} (limit 0.6); CPU ${shown[2]} s`)
  await server.stop()
}

async function wholeFile(): Promise<void> {
  const server = await start('whole')
  const body = { model, mode: 'window', from: '2021-01-01', to: lastMs }
  const before = server.residentMb().now
  const first = await run(server, '/backfills', body)
  const { written, skipped } = first.result
  expect(written, 36_557)
  console.log(`whole file: ${inWords(first)} (limit 22 s), ${written} written, ${skipped} skipped with a reason`)
  console.log(`  resident ${Math.round(before)} MB before, at most ${Math.round(server.residentMb().most)} MB (limit 300)`)
  const again = await run(server, '/backfills', body)
  expect(again.result.known, 36_557)
  console.log(`the same again: ${inWords(again)}, nothing written`)
  const verified = await run(server, '/verifications', {})
  expect(verified.result.identical, 36_557)
  console.log(
    `36,557 replays: ${inWords(verified)} (limit 30 s), all identical; resident at most ${Math.round(server.residentMb().most)} MB`,
  )
  await server.stop()
  console.log(`database file: ${Math.round((await stat(join(folder, 'whole.duckdb'))).size / 1e6)} MB`)
}

/** A server that has the candles. */
async function start(name: string): Promise<Server> {
  const env = { BARCAST_PORT: '0', BARCAST_DATABASE: join(folder, `${name}.duckdb`), BARCAST_MODELS: models, BARCAST_LOG_LEVEL: 'info' }
  const server = await startServer([...(main.endsWith('.ts') ? ['--import', 'tsx'] : []), main], env, true)
  const headers = { 'content-type': 'text/csv' }
  const response = await fetch(`${server.url}/candles?symbol=BTCUSDT&timeframe=1h`, { method: 'POST', headers, body: csv })
  if (!response.ok) throw new Error(await response.text())
  return server
}

interface Ran {
  readonly result: Record<string, number>
  readonly seconds: number
  readonly cpuSeconds: number
}

/** Begins a job and waits for its end, asking as a client does. */
async function run(server: Server, path: string, body: object): Promise<Ran> {
  const cpu = server.cpuSeconds().all
  const started = performance.now()
  const headers = { 'content-type': 'application/json' }
  const begun = await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (begun.status !== 202) throw new Error(await begun.text())
  const url = server.url + begun.headers.get('location')!
  for (;;) {
    const job = (await (await fetch(url)).json()) as { state: string; result: Record<string, number> }
    if (job.state === 'done')
      return { result: job.result, seconds: (performance.now() - started) / 1_000, cpuSeconds: server.cpuSeconds().all - cpu }
    if (job.state === 'failed') throw new Error(JSON.stringify(job))
    await setTimeout(20)
  }
}

function inWords({ seconds, cpuSeconds }: Ran): string {
  return `${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s`
}

function expect(value: number | undefined, expected: number): void {
  if (value !== expected) throw new Error(`${value} where ${expected} is expected`)
}
