import t from 'tap'
import { compileFor } from '../src/compile-engine.js'
import { loadModel } from '../src/load-model.js'
import { exponentials, scalarModule, simdModule } from '../src/generated/wasm.js'
import { watchForSecondRow } from '../src/second-row.js'
import { goldenNames, readGolden } from './support/golden.js'
import { difference } from './support/same-bits.js'

t.test('the build without SIMD gives the same bits', async (t) => {
  const module = await compileFor(false)
  for (const name of goldenNames) {
    const golden = readGolden(name)
    const { engine } = await loadModel(module, golden.bytes)
    const rows = golden.doubles('rows.f64')
    const raw = new Float64Array(golden.rows * golden.treesPerIteration)
    const scoring = { first: 0, iterations: golden.iterations, transform: 0, parameter: 0, divideBy: 1, frequency: 0, margin: 0 }
    engine.score(rows, golden.rows, scoring, raw)
    t.equal(difference(raw, golden.doubles('raw.f64')), '', `${name} scores`)
    const leaves = new Int32Array(golden.rows * golden.trees)
    engine.leafIndices(rows, golden.rows, 0, golden.iterations, leaves)
    t.equal(difference(leaves, golden.integers('leaf.i32')), '', `${name} leaves`)
    if (!golden.arrays.includes('contrib.f64')) continue
    const contributions = new Float64Array(raw.length * (golden.cols + 1))
    engine.contributions(rows, golden.rows, 0, golden.iterations, contributions)
    t.equal(difference(contributions, golden.doubles('contrib.f64')), '', `${name} contributions`)
  }
})

t.test('both builds and their table together take at most 80 KB', (t) => {
  const bytes = [simdModule, scalarModule, exponentials].map((text) => atob(text).length)
  t.ok(bytes.reduce((sum, each) => sum + each, 0) <= 80_000, `${bytes.join(' + ')} bytes`)
  t.end()
})

t.test('the second row after a pause is told from all others', (t) => {
  let time = 5000
  const isSecond = watchForSecondRow(() => time)
  const after = (ms: number) => {
    time += ms
    return isSecond()
  }
  t.same([0, 0, 0, 1, 1].map(after), [false, true, false, false, false], 'the first one of all comes after a pause')
  t.same([2, 1, 1].map(after), [false, true, false])
  t.same([50, 50, 50].map(after), [false, false, false], 'rows that stay alone')
  t.same([0, -3000, 0].map(after), [true, false, false], 'a clock that is put back is no pause')
  t.end()
})
