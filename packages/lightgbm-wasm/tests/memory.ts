import t from 'tap'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Booster } from '../src/booster.js'
import { readGolden } from './support/golden.js'
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

/** Bytes in array buffers, WebAssembly memories among them, once the garbage is gone. */
async function settled(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return process.memoryUsage().arrayBuffers + process.memoryUsage().external
}
