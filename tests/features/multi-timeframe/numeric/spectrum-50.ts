import fc from 'fast-check'
import t from 'tap'
import { spectrum50 } from '../../../../src/features/multi-timeframe/numeric/spectrum-50.js'
import { near } from '../../support/compare.js'
import { magnitudes, mean } from '../../support/plain-primitives.js'

t.test('agrees with the definition', (t) => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 50, maxLength: 50 }), (x) => {
      const expected = magnitudes(x.map((v) => v - mean(x)))
      const size = Math.max(...expected)
      return compute([3, ...x], 1).every((value, k) => near(value, expected[k]!, 1e-9, 1e-12 * size))
    }),
  )
  t.end()
})

t.test('exact zeros where all cancels', (t) => {
  t.ok(
    compute(Array.from({ length: 50 }, () => 100)).every((value) => value === 0),
    'constant',
  )
  const alternating = compute(Array.from({ length: 50 }, (_, i) => 100 + (i % 2)))
  t.ok(
    alternating.slice(0, 25).every((value) => value === 0),
    'strictly alternating: only the last frequency is there',
  )
  t.equal(alternating[25], 25)
  t.end()
})

t.test('a pure wave has one frequency', (t) => {
  const wave = compute(Array.from({ length: 50 }, (_, i) => 7 * Math.cos((2 * Math.PI * 5 * i) / 50)))
  t.ok(near(wave[5]!, 175, 1e-13))
  t.ok(wave.every((value, k) => k === 5 || value < 1e-11))
  t.end()
})

function compute(x: readonly number[], from = 0): Float64Array {
  const out = new Float64Array(26)
  spectrum50(Float64Array.from(x), from, new Float64Array(128), out)
  return out
}
