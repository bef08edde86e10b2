import { mkdtemp, rm, stat } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Frame } from '../src/candles/frame.js'
import { openDuckdbStore } from '../src/store/duckdb.js'
import type { NewPrediction, Store } from '../src/store/store.js'
import { firstBarMs, hourMs, prediction } from '../tests/store/support/prediction.js'

/**
 * What keeping and reading predictions costs: `npx tsx bench/store.ts [rows]`. Durable times depend on the disk; compare rounds of
 * one machine only. Each line: median and 99th percentile of milliseconds, and the mean of CPU milliseconds of all threads, which say more on a
 * machine that does other work too.
 */
const rows = Number(process.argv[2] ?? 100_000)
const folder = await mkdtemp(join(tmpdir(), 'barcast-bench-'))
const path = join(folder, 'barcast.duckdb')
let serial = 0

console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, ${rows.toLocaleString('en')} rows`)
let store = await openDuckdbStore({ path })
console.log(`resident after open: ${residentMb()} MB`)
await measureWrites(store, 'empty file')
const filled = performance.now()
while (serial < rows) await store.record(Array.from({ length: 1000 }, () => next()))
console.log(`filled in ${Math.round(performance.now() - filled)} ms, resident ${residentMb()} MB`)
await store.close()
const opened = performance.now()
store = await openDuckdbStore({ path })
console.log(`opened in ${Math.round(performance.now() - opened)} ms, file ${Math.round((await stat(path)).size / 1e6)} MB`)
await measureWrites(store, 'filled file')
await measureReads(store)
await measureCandles(store)
await measureFeatures(store)
console.log(`resident at the end: ${residentMb()} MB`)
await store.close()
await rm(folder, { recursive: true })

async function measureWrites(store: Store, name: string): Promise<void> {
  await report(`${name}: one new row`, 300, () => store.record([next()]))
  await report(`${name}: one row of an older bar`, 100, () => store.record([{ ...next(), barTimeMs: firstBarMs - ++serial * hourMs }]))
  const known = next()
  await store.record([known])
  await report(`${name}: a known row`, 100, () => store.record([known]))
  await report(`${name}: a row that supersedes`, 100, () => store.record([{ ...known, id: `S${serial++}` }]))
  await report(`${name}: 7 rows of one call`, 100, () => store.record(Array.from({ length: 7 }, () => next())))
  await report(`${name}: 100 calls at once`, 50, () => Promise.all(Array.from({ length: 100 }, () => store.record([next()]))))
}

async function measureReads(store: Store): Promise<void> {
  const base = { order: 'desc', history: false, limit: 100 } as const
  await report('find by id', 50, () => store.find('P0000000000000000000001000'))
  await report('latest 100', 50, () => store.list(base))
  await report('latest 100 of one model', 50, () => store.list({ ...base, model: 'model-3' }))
  await report('100 from the middle', 50, () =>
    store.list({ ...base, order: 'asc', after: { barTimeMs: firstBarMs + Math.floor(rows / 20) * hourMs, id: 'P' } }),
  )
  await report('latest 10,000', 10, () => store.list({ ...base, limit: 10_000 }))
}

/** A window of 726 bars that moves on by one bar per prediction, and the whole of four years. */
async function measureCandles(store: Store): Promise<void> {
  const series = { symbol: 'BTCUSDT', timeframe: '1h' }
  let bar = 0
  const window = () => candles(bar, 726)
  await store.candles.keep(series, window(), firstBarMs)
  await report('726 known bars', 200, () => store.candles.keep(series, window(), firstBarMs))
  await report('one new row, its 726 bars known', 300, () => store.record([next()], { candles: window() }))
  await report('one new row beside one new bar', 300, () => (bar++, store.record([next()], { candles: window() })))
  await report('one new row', 300, () => store.record([next()]))
  await report('read 726 bars', 200, () => store.candles.read(series, firstBarMs, firstBarMs + 725 * hourMs))
  const years = { symbol: 'YEARS', timeframe: '1h' }
  const all = candles(0, 36_557)
  await report('36,557 new bars', 1, () => store.candles.keep(years, all, firstBarMs))
  await report('36,557 known bars', 20, () => store.candles.keep(years, all, firstBarMs))
  await report('read 36,557 bars', 20, () => store.candles.read(years, firstBarMs, Infinity))
  const before = await store.revision()
  await store.candles.keep(years, { ...all, close: all.close.map((value) => value + 1) }, firstBarMs)
  await report('read 36,557 revised bars as they were', 5, () => store.candles.read(years, firstBarMs, Infinity, before))
  console.log(`resident after candles: ${residentMb()} MB`)
}

async function measureFeatures(store: Store): Promise<void> {
  const names = Array.from({ length: 440 }, (_, k) => `feature_${k}`)
  const row = (k: number) => ({
    featureKey: 'bench',
    symbol: 'BTCUSDT',
    timeframe: '1h',
    barTimeMs: firstBarMs + k * hourMs,
    names,
    values: Float64Array.from(names, () => Math.random()),
    createdAtMs: firstBarMs,
  })
  let k = 0
  await report('one row of 440 features', 100, () => store.features.keep([row(k++)]))
  await report('64 rows of 440 features', 20, () => store.features.keep(Array.from({ length: 64 }, () => row(k++))))
  await report('64 known places of 440 features', 10, () => store.features.keep(Array.from({ length: 64 }, (_, r) => row(r))))
  await report('read 1,000 rows of 440 features', 10, () => store.features.list({ featureKey: 'bench', order: 'asc', limit: 1_000 }))
  console.log(`resident after features: ${residentMb()} MB`)
}

function candles(fromBar: number, nBars: number): Frame {
  const column = (offset: number) => Float64Array.from({ length: nBars }, (_, k) => 100 + Math.sin((fromBar + k) * 7919 + offset))
  return {
    nBars,
    openTimeMs: Float64Array.from({ length: nBars }, (_, k) => firstBarMs + (fromBar + k) * hourMs),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  }
}

/** Ten models, bar after bar. */
function next(): NewPrediction {
  const k = serial++
  return prediction({
    id: `P${String(k).padStart(25, '0')}`,
    barTimeMs: firstBarMs + Math.floor(k / 10) * hourMs,
    model: `model-${k % 10}`,
    featuresHash: hex(k),
    inputHash: hex(k + 0.5),
    yRaw: Float64Array.of(Math.random()),
    yPred: Float64Array.of(Math.random()),
  })
}

function hex(seed: number): string {
  return Array.from({ length: 4 }, (_, k) =>
    Math.floor(Math.abs(Math.sin(seed * 7919 + k)) * 2 ** 48)
      .toString(16)
      .padStart(16, '0'),
  ).join('')
}

async function report(name: string, times: number, work: () => Promise<unknown>): Promise<void> {
  const taken: number[] = []
  const cpu = process.cpuUsage()
  for (let k = 0; k < times; k++) {
    const started = performance.now()
    await work()
    taken.push(performance.now() - started)
  }
  const { user, system } = process.cpuUsage(cpu)
  taken.sort((a, b) => a - b)
  const at = (share: number) => (taken[Math.min(times - 1, Math.floor(times * share))] as number).toFixed(2)
  const cpuMs = ((user + system) / 1000 / times).toFixed(2)
  console.log(`${name.padEnd(40)} ${at(0.5).padStart(8)} ${at(0.99).padStart(8)} ${cpuMs.padStart(8)}`)
}

function residentMb(): number {
  return Math.round(process.memoryUsage.rss() / 1e6)
}
