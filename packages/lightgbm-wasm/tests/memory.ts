import t from 'tap'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Booster } from '../src/booster.js'
import type { PredictOptions } from '../src/predict-options.js'
import { readGolden } from './support/golden.js'
import { modelText, stump } from './support/model-text.js'
import { difference } from './support/same-bits.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

t.test('a hundred boosters at once, and their memory given back', async (t) => {
  const golden = readGolden('deep')
  const rows = golden.doubles('rows.f64')
  const before = await settled()
  const boosters = await Promise.all(Array.from({ length: 100 }, () => Booster.load(golden.bytes)))
  const held = await settled()
  const bytes = boosters.reduce((sum, booster) => sum + booster.memoryBytes, 0)
  for (const booster of boosters) t.equal(difference(booster.predict(rows, { rawScore: true }), golden.doubles('raw.f64')), '')
  t.ok(held - before >= bytes * 0.9, `${held - before} of ${bytes} bytes are held`)
  for (const booster of boosters) booster.dispose()
  const after = await settled()
  t.ok(after - before < bytes * 0.1, `${after - before} of ${bytes} bytes are still held`)
})

t.test('a loaded model takes little more than its tables', async (t) => {
  const golden = readGolden('deep')
  const booster = await Booster.load(golden.bytes)
  const leaves = (golden.model.match(/^num_leaves=(\d+)$/gm) ?? []).reduce((sum, line) => sum + Number(line.slice(11)), 0)
  t.ok(booster.memoryBytes < 300_000 + leaves * 90, `${booster.memoryBytes} bytes for ${leaves} leaves`)
  const loaded = booster.memoryBytes
  const rows = golden.doubles('rows.f64').subarray(0, 3 * golden.cols)
  for (let i = 0; i < 20; i++) {
    booster.predict(rows)
    booster.predict(rows, { predLeaf: true })
    booster.predict(rows, { predContrib: true })
  }
  const used = booster.memoryBytes
  for (let i = 0; i < 20; i++) booster.predict(rows, { predContrib: true })
  t.equal(booster.memoryBytes, used, 'predictions do not leak')
  t.ok(used - loaded < 2_000_000)
})

t.test('predict with `out` makes no garbage', async (t) => {
  const golden = readGolden('binary')
  // A slope that is no whole number, as one that is would hide boxed numbers.
  const booster = await Booster.load(golden.model.replace('sigmoid:1', 'sigmoid:0.7'))
  const rows = golden.doubles('rows.f64')
  const trees = booster.numTrees()
  const perCall = (count: number, calls: number, options: PredictOptions): number => {
    const part = rows.slice(0, count * golden.cols)
    const growth = Array.from({ length: 8 }, () => {
      collect()
      const before = process.memoryUsage().heapUsed
      for (let call = 0; call < calls; call++) booster.predict(part, options)
      return process.memoryUsage().heapUsed - before
    })
    // Rounds in which V8 compiles, or collects, tell of that.
    return Math.min(...growth.slice(3).map(Math.abs)) / calls
  }
  t.ok(perCall(1, 20_000, { rawScore: true, out: new Float64Array(1) }) < 4, 'one row')
  t.ok(perCall(1, 20_000, { out: new Float64Array(1) }) < 4, 'one row, transformed')
  t.ok(perCall(64, 3000, { rawScore: true, out: new Float64Array(64) }) < 32, '64 rows: at most a boxed number')
  t.ok(perCall(1, 10_000, { predLeaf: true, out: new Int32Array(trees) }) < 4, 'leaves')
  t.ok(perCall(1, 3000, { predContrib: true, out: new Float64Array(golden.cols + 1) }) < 8, 'contributions')
})

t.test('no memory for a call: RangeError, and the booster still scores', async (t) => {
  const trees = [stump(0.5, 2), ...Array.from({ length: 20_000 }, () => ({ num_leaves: 1, leaf_value: 0 }))]
  const booster = await Booster.load(modelText(trees))
  t.strictSame([...booster.predict(Float64Array.of(1, 0))], [2])
  try {
    setFlagsFromString(`--wasm-max-mem-pages=${booster.memoryBytes / 65536}`)
    // Rows find room, results of two megabytes do not.
    t.throws(() => booster.predict(new Float64Array(400), { predLeaf: true }), { name: 'RangeError', message: /fewer at once/ })
    t.strictSame([...booster.predict(Float64Array.of(0, 0))], [1])
    t.strictSame([...booster.predict(Float64Array.of(1, 0))], [2])
  } finally {
    setFlagsFromString('--wasm-max-mem-pages=65536')
  }
  t.equal(booster.predict(new Float64Array(400), { predLeaf: true }).length, 200 * trees.length)
})

/** Bytes in array buffers, WebAssembly memories among them, once the garbage is gone. */
async function settled(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return process.memoryUsage().arrayBuffers + process.memoryUsage().external
}
