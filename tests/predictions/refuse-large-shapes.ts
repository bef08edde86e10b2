import fc from 'fast-check'
import t from 'tap'
import { refuseLargeShapes } from '../../src/predictions/refuse-large-shapes.js'

const nested = (levels: number) => '[{"a":'.repeat(levels / 2) + '1' + '}]'.repeat(levels / 2)

t.test('32 levels pass, more are refused with their place', (t) => {
  refuseLargeShapes(nested(32))
  t.throws(() => refuseLargeShapes(nested(34)), { code: 'invalid-request', message: /deeper than 32 levels.*at character 97/ })
  t.throws(() => refuseLargeShapes('['.repeat(1_000_000)), { code: 'invalid-request' })
  t.end()
})

t.test('what stands in strings, or side by side, is not nested', (t) => {
  refuseLargeShapes(JSON.stringify({ model: '['.repeat(100), '\\"{{': '"'.repeat(50) + '['.repeat(100) + '\\' }))
  refuseLargeShapes(JSON.stringify(Array.from({ length: 1000 }, () => [{}])))
  refuseLargeShapes('"unfinished ' + '['.repeat(100))
  t.end()
})

t.test('many objects and lists, many names, long names', (t) => {
  const refused = (text: string, message: RegExp) => t.throws(() => refuseLargeShapes(text), { code: 'invalid-request', message })
  const list = (item: string, count: number) => `[${Array.from({ length: count }, () => item).join(',')}]`
  const object = (count: number, first = 0) => `{${Array.from({ length: count }, (_, i) => `"n${first + i}" : 1`).join(',')}}`

  refuseLargeShapes(list('{}', 299_999))
  refused(list('{}', 300_000), /more than 300000 objects and lists/)
  refused(list('[1]', 300_000), /more than 300000 objects and lists/)
  refuseLargeShapes(object(1_000))
  refused(object(1_001), /an object has more than 1000 names/)
  refuseLargeShapes(`[${object(1_000)},{"a":${object(1_000)},"b":${object(999)}}]`)
  refuseLargeShapes(list('{"t":1,"o":2,"h":3,"l":4,"c":5,"v":"6"}', 100_000))
  refused(`[${Array.from({ length: 2_000 }, (_, i) => object(3, 3 * i)).join(',')}]`, /more than 2000 different names/)
  refuseLargeShapes(`{"${'n'.repeat(200)}":"${'x'.repeat(100_000)}"}`)
  refused(`{"${'n'.repeat(201)}":1}`, /a name has more than 200 characters/)
  refuseLargeShapes(JSON.stringify([':'.repeat(5_000), '{'.repeat(500_000)]))
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
        refuseLargeShapes(text)
      } catch {
        isRefused = true
      }
      return isRefused === isDeep
    }),
  )
  t.end()
})
