import fc from 'fast-check'
import t from 'tap'
import { parseFeatures } from '../../../src/commands/backfilling/parse-features.js'

t.test('bare tokens are numbers, texts are left alone', (t) => {
  const parsed = parseFeatures('{"a": NaN, "b":Infinity,"c": -Infinity, "NaN": 1.5, "x: NaN": -2e-3, "q\\"NaN": null}')
  const expected = new Map([
    ['a', NaN],
    ['b', Infinity],
    ['c', -Infinity],
    ['NaN', 1.5],
    ['x: NaN', -2e-3],
    ['q"NaN', NaN],
  ])
  t.strictSame(parsed, { values: expected, others: new Map() })
  t.strictSame(parseFeatures('{}'), { values: new Map(), others: new Map() })
  const others = new Map([
    ['a', '"1"'],
    ['b', 'an object'],
    ['c', 'a list'],
  ])
  t.strictSame(parseFeatures('{"a": "1", "b": {}, "c": [1], "d": true}'), { values: new Map([['d', 1]]), others })
  for (const text of ['[1]', '3', 'null', '{"a": 1', '']) t.throws(() => parseFeatures(text), text)
  t.end()
})

t.test('what Python writes is read back bit for bit', (t) => {
  const values = fc.dictionary(fc.string(), fc.double(), { noNullPrototype: true })
  const property = fc.property(values, (object) => {
    const written = Object.entries(object).map(([name, value]) => `${JSON.stringify(name)}: ${Object.is(value, -0) ? '-0.0' : value}`)
    const { values: parsed } = parseFeatures(`{${written.join(', ')}}`)
    return Object.entries(object).every(([name, value]) => Object.is(parsed.get(name), value))
  })
  fc.assert(property)
  t.end()
})
