import fc from 'fast-check'
import t from 'tap'
import { mergeRanges, type Range } from '../../src/outcomes/ranges.js'

t.test('merged ranges are few, apart, rising, and hold all that was given', (t) => {
  const range = fc.tuple(fc.integer({ min: 0, max: 500 }), fc.nat(10)).map(([fromMs, length]): Range => ({ fromMs, toMs: fromMs + length }))
  fc.assert(
    fc.property(fc.array(range, { maxLength: 60 }), fc.nat(8), fc.integer({ min: 1, max: 12 }), (given, nearMs, most) => {
      const merged = mergeRanges(given, nearMs, most)
      return (
        merged.length <= most &&
        merged.every(({ fromMs, toMs }, k) => fromMs <= toMs && (k === 0 || fromMs - merged[k - 1]!.toMs > nearMs)) &&
        given.every(({ fromMs, toMs }) => merged.some((one) => one.fromMs <= fromMs && toMs <= one.toMs)) &&
        merged.every(({ fromMs, toMs }) => given.some((one) => one.fromMs === fromMs) && given.some((one) => one.toMs === toMs))
      )
    }),
  )
  t.same(
    mergeRanges(
      [
        { fromMs: 9, toMs: 9 },
        { fromMs: 1, toMs: 3 },
        { fromMs: 5, toMs: 5 },
      ],
      2,
    ),
    [
      { fromMs: 1, toMs: 5 },
      { fromMs: 9, toMs: 9 },
    ],
  )
  t.end()
})
