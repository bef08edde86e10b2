import fc from 'fast-check'
import t from 'tap'
import { cutSpans } from '../../src/backfills/cut-spans.js'

t.test('every bar of every model is in one span, with all the models that have it', (t) => {
  const range = fc
    .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 10 }))
    .map(([from, length]) => ({ fromMs: from * 10, toMs: (from + length) * 10 }))
  const none = fc.constant({ fromMs: null, toMs: null })
  const property = fc.property(fc.array(fc.oneof(range, none), { maxLength: 6 }), (ranges) => {
    const ordered = ranges.map((each, k) => ({ model: `m${k}`, bars: 0, ...each }))
    const spans = cutSpans(ordered, 10)
    for (let ms = -10; ms <= 420; ms += 10) {
      const expected = ordered.filter(({ fromMs, toMs }) => fromMs !== null && fromMs <= ms && ms <= toMs).map(({ model }) => model)
      const found = spans.filter(({ fromMs, toMs }) => fromMs <= ms && ms <= toMs)
      if (found.length !== (expected.length === 0 ? 0 : 1) || found[0]?.models.join() !== (found[0] && expected.join())) return false
    }
    return spans.every(({ fromMs }, k) => k === 0 || fromMs > spans[k - 1]!.toMs)
  })
  fc.assert(property)
  t.end()
})
