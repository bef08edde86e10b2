import fc from 'fast-check'
import t from 'tap'
import { pairSum } from '../../../../src/features/multi-timeframe/numeric/pair-sum.js'
import { pair } from '../../support/plain-primitives.js'

t.test("numpy's order, bit for bit", (t) => {
  // np.sum of 0.1·k² mod 1 over n items, numpy 2.4.
  const x = Float64Array.from({ length: 1000 }, (_, k) => (0.1 * k * k) % 1)
  const out = new Float64Array(2)
  for (const [n, sum] of Object.entries({
    0: 0.0,
    1: 0.0,
    7: 3.1000000000000005,
    8: 4.000000000000002,
    14: 5.9000000000000075,
    20: 9.000000000000012,
    50: 22.500000000000263,
    100: 45.00000000000197,
    128: 58.00000000000447,
    129: 58.40000000000455,
    180: 81.00000000001083,
    720: 324.0000000007084,
    1000: 450.00000000214175,
  })) {
    pairSum(x, 0, Number(n), out, 1)
    t.equal(out[1], sum, `${n} items`)
  }
  t.equal(out[0], 0, 'nothing else is written')
  t.end()
})

t.test('agrees with the plain one from any place on', (t) => {
  const values = fc.float64Array({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9, maxLength: 400 })
  fc.assert(
    fc.property(values, fc.nat(10), (x, skip) => {
      const from = Math.min(skip, x.length)
      const out = new Float64Array(1)
      pairSum(x, from, x.length - from, out, 0)
      return out[0] === pair([...x.slice(from)])
    }),
  )
  t.end()
})
