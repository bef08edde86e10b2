import fc from 'fast-check'
import t from 'tap'
import { refuseDeepNesting } from '../../src/predictions/refuse-deep-nesting.js'

const nested = (levels: number) => '[{"a":'.repeat(levels / 2) + '1' + '}]'.repeat(levels / 2)

t.test('32 levels pass, more are refused with their place', (t) => {
  refuseDeepNesting(nested(32))
  t.throws(() => refuseDeepNesting(nested(34)), { code: 'invalid-request', message: /deeper than 32 levels, at character 97/ })
  t.throws(() => refuseDeepNesting('['.repeat(1_000_000)), { code: 'invalid-request' })
  t.end()
})

t.test('what stands in strings, or side by side, is not nested', (t) => {
  refuseDeepNesting(JSON.stringify({ model: '['.repeat(100), '\\"{{': '"'.repeat(50) + '['.repeat(100) + '\\' }))
  refuseDeepNesting(JSON.stringify(Array.from({ length: 1000 }, () => [{}])))
  refuseDeepNesting('"unfinished ' + '['.repeat(100))
  t.end()
})

t.test('agrees with the depth of the value', (t) => {
  const depth = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 26, max: 34 }), (json, around) => {
      const text = '['.repeat(around) + json + ']'.repeat(around)
      const isDeep = around + depth(JSON.parse(json)) > 32
      let isRefused = false
      try {
        refuseDeepNesting(text)
      } catch {
        isRefused = true
      }
      return isRefused === isDeep
    }),
  )
  t.end()
})
