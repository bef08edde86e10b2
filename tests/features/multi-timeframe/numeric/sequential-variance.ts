import fc from 'fast-check'
import t from 'tap'
import { sequentialVariance } from '../../../../src/features/multi-timeframe/numeric/sequential-variance.js'
import { same } from '../../support/compare.js'
import { variance } from '../../support/plain-primitives.js'

t.test('agrees with the plain one, bit for bit', (t) => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { maxLength: 60 }), (x) => {
      const out = new Float64Array(2)
      sequentialVariance(Float64Array.from([7, ...x]), 1, x.length, out, 1)
      return same(out[1]!, variance(x)) && out[0] === 0
    }),
  )
  t.end()
})
