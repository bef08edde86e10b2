import fc from 'fast-check'
import t from 'tap'
import { rollingMean, rollingSum, rollingSums } from '../../../../src/features/multi-timeframe/numeric/rolling-sum.js'
import { rollMean, rollSum } from '../../support/plain-primitives.js'

const item = fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom(0, 0.1, 1e9))
const series = fc.array(item, { minLength: 5, maxLength: 120 })

t.test('sum and mean agree with the plain ones, bit for bit', (t) => {
  fc.assert(
    fc.property(series, fc.integer({ min: 1, max: 5 }), (x, w) => {
      const out = new Float64Array(2)
      rollingSum(Float64Array.from(x), 0, x.length, w, out, 0)
      rollingMean(Float64Array.from(x), x.length, w, out, 1)
      return out[0] === rollSum(x, w) && out[1] === rollMean(x, w)
    }),
  )
  t.end()
})

t.test('two at once are each the one alone, bit for bit', (t) => {
  fc.assert(
    fc.property(series, series, fc.integer({ min: 1, max: 5 }), (a, b, w) => {
      const n = Math.min(a.length, b.length)
      const [x, y] = [Float64Array.from(a), Float64Array.from(b)]
      const out = new Float64Array(5)
      rollingSums(x, y, 0, n, w, out, 1)
      rollingSum(x, 0, n, w, out, 3)
      rollingSum(y, 0, n, w, out, 4)
      return out[0] === 0 && out[1] === out[3] && out[2] === out[4]
    }),
  )
  t.end()
})

t.test('the last bits carry the history: not the sum of the window', (t) => {
  const x = Float64Array.from({ length: 200 }, (_, i) => (i < 100 ? 1e12 / (i + 3) : 1 / (i + 7)))
  const out = new Float64Array(2)
  rollingSum(x, 0, 200, 3, out, 0)
  rollingSum(x, 197, 200, 3, out, 1)
  t.equal(out[0], rollSum([...x], 3))
  t.not(out[0], out[1])
  t.end()
})

t.test('equal items give exactly v·w and v', (t) => {
  const x = Float64Array.of(1e16, 0.1, 0.1, 0.1)
  const out = new Float64Array(2)
  rollingSum(x, 0, 4, 3, out, 0)
  rollingMean(x, 4, 3, out, 1)
  t.strictSame([...out], [0.1 * 3, 0.1])
  t.end()
})

t.test('items before the first are not seen', (t) => {
  const out = new Float64Array(1)
  rollingSum(Float64Array.of(NaN, 1, 2, 3), 1, 4, 2, out, 0)
  t.equal(out[0], 5)
  t.end()
})
