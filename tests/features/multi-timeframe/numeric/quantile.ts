import fc from 'fast-check'
import t from 'tap'
import { quantile } from '../../../../src/features/multi-timeframe/numeric/quantile.js'
import { smallest } from '../../../../src/features/multi-timeframe/numeric/smallest.js'
import { quantile as plain } from '../../support/plain-primitives.js'

t.test('agrees with the plain one on sorted items', (t) => {
  const item = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: -2, max: 2 }))
  fc.assert(
    fc.property(fc.array(item, { minLength: 4, maxLength: 60 }), fc.constantFrom(0.05, 0.25, 0.5, 0.75), (x, q) => {
      const out = new Float64Array(61)
      smallest(Float64Array.from(x), 0, x.length, x.length, out)
      quantile(out, x.length, q, out, 60)
      return out[60] === plain(x, q)
    }),
  )
  t.end()
})

t.test('the k smallest, ascending, ties included', (t) => {
  const item = fc.integer({ min: -5, max: 5 })
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 60 }), fc.nat(59), (x, last) => {
      const k = Math.min(last + 1, x.length)
      const out = new Float64Array(k)
      smallest(Float64Array.from([99, ...x]), 1, x.length, k, out)
      const sorted = Float64Array.from(x).sort().slice(0, k)
      return out.every((value, i) => value === sorted[i])
    }),
  )
  t.end()
})
