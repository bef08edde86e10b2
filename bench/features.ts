import { cpus } from 'node:os'
import { multiTimeframe } from '../src/features/multi-timeframe/catalogue.js'
import { exactFeatures, near, same } from '../tests/features/support/compare.js'
import { goldenRows, marketFrame, stampMs } from '../tests/features/support/frames.js'
import { plainFeatures } from '../tests/features/support/plain-features.js'

/**
 * What the features of one bar cost: `npx tsx bench/features.ts`. One core, warm, real BTCUSDT candles, base 720 and buffer 6, another
 * bar every time. Values are checked against the reference pipeline's before anything is timed. Each round times every case.
 */
const frame = marketFrame()
const catalogue = multiTimeframe()
const window = { baseBars: 720, bufferBars: 6 }
const firstBar = 20_000
const rounds = 9
const barsPerRound = 1000

checkGolden()
console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, V8 ${process.versions.v8}`)

const cases = [
  { title: '440 base features', names: catalogue.names.slice(0, 440) },
  { title: '440 base features and 176 of the last bars', names: catalogue.names },
  { title: '176 of the last bars', names: catalogue.names.slice(440) },
  { title: '110 base features of 1H', names: catalogue.names.slice(0, 110) },
  { title: 'one feature of 1H', names: ['close_rsi_14_1H'] },
].map(({ title, names }) => ({
  title,
  plan: catalogue.compile(names, window),
  out: new Float64Array(names.length),
  oneBarMs: [] as number[],
  inARowMs: [] as number[],
}))

for (const { plan, out } of cases) for (let i = 0; i < 3000; i++) plan.compute(frame, firstBar - 1 - i, out)
for (let round = 0; round < rounds; round++) {
  for (const { plan, out, oneBarMs, inARowMs } of cases) {
    const from = firstBar + round * barsPerRound
    for (let bar = from; bar < from + barsPerRound; bar++) {
      const start = performance.now()
      plan.compute(frame, bar, out)
      oneBarMs.push(performance.now() - start)
    }
    const before = process.cpuUsage()
    for (let bar = from; bar < from + barsPerRound; bar++) plan.compute(frame, bar, out)
    inARowMs.push(process.cpuUsage(before).user / 1000)
  }
}

console.log(`\n${rounds} rounds of ${barsPerRound} bars`)
console.log(
  'features'.padEnd(44),
  'median ms'.padStart(10),
  'p99 ms'.padStart(10),
  `${barsPerRound} bars CPU s`.padStart(16),
  'garbage B/bar'.padStart(14),
)
for (const { title, plan, out, oneBarMs, inARowMs } of cases) {
  console.log(
    title.padEnd(44),
    at(oneBarMs, 0.5).toFixed(4).padStart(10),
    at(oneBarMs, 0.99).toFixed(4).padStart(10),
    (at(inARowMs, 0.5) / 1000).toFixed(3).padStart(16),
    garbagePerBar(() => {
      for (let bar = firstBar; bar < firstBar + barsPerRound; bar++) plan.compute(frame, bar, out)
    })
      .toFixed(1)
      .padStart(14),
  )
}

const plainMs = Array.from({ length: 30 }, (_, i) => {
  const start = performance.now()
  plainFeatures(frame, firstBar + i, window.baseBars, window.bufferBars)
  return performance.now() - start
})
const ratio = at(plainMs, 0.5) / at(cases[1]!.oneBarMs, 0.5)
console.log(`\nplain implementation of the tests, all 616: ${at(plainMs, 0.5).toFixed(1)} ms, ${ratio.toFixed(0)} times as long`)

/** Bytes that the heap grows by per bar; a collection in between makes it fall, such rounds do not count. Measuring itself takes 0.3. */
function garbagePerBar(run: () => void): number {
  const grown = Array.from({ length: 7 }, () => {
    const before = process.memoryUsage().heapUsed
    run()
    return (process.memoryUsage().heapUsed - before) / barsPerRound
  })
  return at(
    grown.filter((bytes) => bytes >= 0),
    0.5,
  )
}

function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * share)] ?? NaN
}

function checkGolden(): void {
  const barAt = new Map(Array.from(frame.openTimeMs, (ms, bar) => [ms, bar]))
  const out = new Float64Array(catalogue.names.length)
  let checked = 0
  for (const row of goldenRows()) {
    catalogue
      .compile(catalogue.names, { baseBars: row.base_hours, bufferBars: row.buffer_hours })
      .compute(frame, barAt.get(stampMs(row.ts))!, out)
    catalogue.names.forEach((name, i) => {
      const expected = Number(row.features[name] ?? NaN)
      const right = exactFeatures.test(name)
        ? same(out[i]!, expected)
        : near(out[i]!, expected, 1e-9, name.startsWith('close_hurst') ? 1e-9 : 0)
      if (!right) throw new Error(`${row.ts} ${name}: ${out[i]}, expected ${expected}`)
      checked++
    })
  }
  console.log(`${checked.toLocaleString('en')} values agree with the reference pipeline`)
}
