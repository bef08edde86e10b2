import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { minutesPerRow } from '../src/features/ml-layer-1/catalogue.js'
import type { Order, Outcome } from './http/load.js'
import { asStarted } from './http/as-started.js'
import { startServer, type Server } from './http/server.js'
import { ask, checkAnswers, type Frames, networkBodies } from './models/check-answers.js'
import { type Built, buildModels, hourly, symbols } from './models/directory.js'
import { measureFirstLoads } from './models/first-loads.js'
import { measureManyBundles } from './models/many-bundles.js'
import { median, quantile } from './models/quantile.js'
import type { Figure, Measuring } from './models/figure.js'
import { bodyOf, createWalk } from './models/walk.js'

/**
 * What 34 models of mixed families cost: `npm run bench:models` (needs `npm run build`). The server process that ships, a models directory in a temporary
 * folder, a load generator process on the same cores. `bench/models.md` says what the lines mean.
 */
const rounds = Number(process.argv[2] ?? 7)
const perRound = 150
const nNews = 20
const apiPath = `/api/predictions?timeframe=15m&symbols=${symbols.join(',')}`

interface Line {
  readonly title: string
  readonly must: number
  readonly order: Omit<Order, 'port' | 'requests'>
  /** Bodies of request k; undefined: those of the order. */
  readonly bodies?: (from: number, count: number) => string[]
  readonly status: string
  readonly results: { p50: number; p99: number; cpuMs: number }[]
}

const folder = await mkdtemp(join(tmpdir(), 'barcast-bench-'))
const load = fork(new URL('http/load.ts', import.meta.url), { execArgv: ['--import', 'tsx'] })
try {
  console.log(
    `${cpus()[0]?.model ?? 'unknown CPU'} × ${cpus().length}, Node ${process.version}, load average ${loadavg()[0]!.toFixed(1)}, ${rounds} rounds\n`,
  )
  const directory = join(folder, 'models')
  const built = await buildModels(directory)
  const measuring: Measuring = { folder, directory, built, rounds, start }
  console.log('| figure | must | measured | |\n| --- | --- | --- | --- |')
  print(await measureServing(directory, built))
  print(await measureFirstLoads(measuring))
  print(await measureManyBundles(measuring))
  console.log(`\nload average at the end ${loadavg()[0]!.toFixed(1)}`)
} finally {
  load.kill()
  await rm(folder, { recursive: true, force: true })
}

function start(models: string, env: Record<string, string> = {}): Promise<Server> {
  const database = join(folder, `${Math.random().toString(36).slice(2)}.duckdb`)
  return startServer(
    asStarted(),
    { BARCAST_PORT: '0', BARCAST_MODELS: models, BARCAST_DATABASE: database, BARCAST_ALLOW_UNSIGNED: 'true', ...env },
    true,
  )
}

async function measureServing(directory: string, built: Built): Promise<Figure[]> {
  const frames: Frames = {
    hours: createWalk('1h', 790 + perRound * rounds, 1),
    quarters: createWalk('15m', 485 + 2 * perRound * rounds + nNews * rounds, 2),
    minutes: createWalk('1m', 125 + perRound * rounds, 3),
  }
  const server = await start(directory)
  try {
    const { models } = (await (await fetch(`${server.url}/models`)).json()) as {
      models: { name: string; state: string; detail?: string }[]
    }
    const failed = models.find(({ state }) => state !== 'served')
    if (failed !== undefined) throw new Error(`${failed.name} is ${failed.state}: ${failed.detail}`)
    const compared = await checkAnswers(server.url, directory, built, frames)
    const loadedMb = server.residentMb().now
    const lines = linesOf(frames)
    const newsMs: number[] = []
    for (const line of lines) await run(server, line, 0, 60)
    for (let round = 0; round < rounds; round++) {
      for (const line of lines) line.results.push(await run(server, line, 60 + round * perRound, perRound))
      newsMs.push(...(await askAfterNews(server, frames, round)))
    }
    const { now, most } = server.residentMb()
    const how = `all ${models.length} asked and ${compared} compared, ONNX in use`
    return [
      {
        figure: `${built.nModels} models in memory, resident`,
        must: '400 MB',
        measured: `${loadedMb.toFixed(0)} MB; under load ${now.toFixed(0)}, most ${most.toFixed(0)}`,
        how,
      },
      ...lines.map(toFigure),
      {
        figure: 'three symbols, GET /api/predictions, the first after a prediction was stored, p50',
        must: '10 ms',
        measured: `${median(newsMs).toFixed(2)} ms (best ${Math.min(...newsMs).toFixed(2)})`,
        how: `p99 ${quantile(newsMs, 0.99).toFixed(2)} ms, with fetch as the client`,
      },
    ]
  } finally {
    await server.stop()
  }
}

/** The newest bars of the walk: each is a new prediction, after which nothing that was told before is true of itself. */
async function askAfterNews({ url }: Server, { quarters }: Frames, round: number): Promise<number[]> {
  const times: number[] = []
  for (let k = 0; k < nNews; k++) {
    for (const body of networkBodies(quarters, quarters.nBars - 1 - nNews * rounds + nNews * round + k)) await ask(url, body, '')
    const started = performance.now()
    const answer = (await (await fetch(url + apiPath)).json()) as { count: number }
    times.push(performance.now() - started)
    if (answer.count !== symbols.length) throw new Error(`${apiPath} told of ${answer.count}`)
  }
  return times
}

function linesOf({ hours, quarters, minutes }: Frames): Line[] {
  const windows = (frame: Frames['hours'], windowBars: number, target: Readonly<Record<string, string>>) => (from: number, count: number) =>
    Array.from({ length: count }, (_, k) => bodyOf(frame, windowBars + from + k, windowBars, target))
  const network = (from: number, count: number) => Array.from({ length: count }, (_, k) => networkBodies(quarters, 359 + from + k)[0]!)
  const layerOne = windows(minutes, minutesPerRow, { model: 'layer-one-all', symbol: 'BTCUSDT' })
  const hour = hourly.baseBars + hourly.bufferBars
  const one = { connections: 1, path: '/predict' }
  const unstored = { connections: 1, path: '/predict?store=false' }
  const line = (
    title: string,
    must: number,
    bodies: Line['bodies'],
    order: Omit<Order, 'port' | 'requests'> = one,
    status = '201',
  ): Line => ({
    ...{ title, must, order, status, results: [] },
    ...(bodies && { bodies }),
  })
  return [
    line('one symbol, LightGBM of 440 features, not stored', 5, windows(hours, hour, { model: 'wide-0' }), unstored, '200'),
    line('one symbol, LightGBM of 440 features, durable', 5, windows(hours, hour, { model: 'wide-0' })),
    line('one symbol, XGBoost, durable', 5, windows(hours, hour, { model: 'xgboost-0' })),
    line("one symbol, crypto_bot's network (ONNX), not stored", 5, network, unstored, '200'),
    line("one symbol, crypto_bot's network (ONNX), durable", 5, network),
    line('three symbols in three requests at once, ONNX, durable', 10, threeSymbols, { connections: 3, path: '/predict', together: true }),
    line('three symbols, GET /api/predictions, nothing new', 10, undefined, { connections: 1, path: apiPath }, '200'),
    line("ML layer 1's ensemble of six, not stored", 5, layerOne, unstored, '200'),
    line("ML layer 1's ensemble of six, durable", 5, layerOne),
  ]

  /** Bars after those of the lines of one symbol. */
  function threeSymbols(from: number, count: number): string[] {
    const first = 359 + 60 + perRound * rounds + Math.floor(from / 3)
    return Array.from({ length: count / 3 }, (_, k) => networkBodies(quarters, first + k)).flat()
  }
}

async function run(
  server: Server,
  { title, order, bodies, status }: Line,
  from: number,
  requests: number,
): Promise<Line['results'][number]> {
  const before = server.cpuSeconds().all
  load.send({ ...order, ...(bodies && { bodies: bodies(from, requests) }), port: server.port, requests } satisfies Order)
  const [outcome] = (await once(load, 'message')) as [Outcome]
  if (outcome.statuses[status] !== requests) throw new Error(`${title}: ${JSON.stringify(outcome.statuses)}`)
  const cpuMs = ((server.cpuSeconds().all - before) / outcome.latenciesMs.length) * 1000
  return { p50: quantile(outcome.latenciesMs, 0.5), p99: quantile(outcome.latenciesMs, 0.99), cpuMs }
}

function toFigure({ title, must, results }: Line): Figure {
  const of = (name: keyof Line['results'][number]) => results.map((result) => result[name])
  const [p50, p99, cpuMs] = [of('p50'), of('p99'), of('cpuMs')]
  return {
    figure: `${title}, p50`,
    must: `${must} ms`,
    measured: `${median(p50).toFixed(2)} ms (best round ${Math.min(...p50).toFixed(2)})`,
    how: `p99 ${median(p99).toFixed(2)} ms, CPU ${median(cpuMs).toFixed(2)} ms`,
  }
}

function print(figures: readonly Figure[]): void {
  for (const { figure, must, measured, how } of figures) console.log(`| ${figure} | ${must} | ${measured} | ${how} |`)
}
