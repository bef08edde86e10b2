import fc from 'fast-check'
import t from 'tap'
import { findJsonError } from '../../src/predictions/find-json-error.js'

const cases: [string, { line: number; column: number; found: string }][] = [
  ['', { line: 1, column: 1, found: '' }],
  ['{"a": NaN}', { line: 1, column: 7, found: 'NaN}' }],
  ['{"a":1,}', { line: 1, column: 8, found: '}' }],
  ['[1,2', { line: 1, column: 5, found: '' }],
  ['{"a" 1}', { line: 1, column: 6, found: '1}' }],
  ['[1,]', { line: 1, column: 4, found: ']' }],
  ['{"a":[01]}', { line: 1, column: 7, found: '01]}' }],
  ['[1] x', { line: 1, column: 5, found: 'x' }],
  ['\n\n {"a":\n [1,2,,3]}', { line: 4, column: 7, found: ',3]}' }],
  ['"ab', { line: 1, column: 4, found: '' }],
  ['"a\\x"', { line: 1, column: 3, found: '\\x"' }],
  ['["a\n"]', { line: 1, column: 4, found: '\n"]' }],
  ["{'a':1}", { line: 1, column: 2, found: "'a':1}" }],
  ['[1, "a" , -2.5,01]', { line: 1, column: 16, found: '01]' }],
  ['[1,\n"b","c\\x"]', { line: 2, column: 7, found: '\\x"]' }],
  ['{"a":1,2,3}', { line: 1, column: 8, found: '2,3}' }],
  ['[{"a":[]},{}', { line: 1, column: 13, found: '' }],
]

t.test('says where a text stops being JSON', (t) => {
  for (const [text, expected] of cases) t.strictSame(findJsonError(text), expected, JSON.stringify(text))
  t.end()
})

t.test('valid text is read to its end; a cut text fails at its end', (t) => {
  fc.assert(fc.property(fc.json(), (text) => findJsonError(text).column === text.length + 1))
  const plain = fc.array(fc.dictionary(fc.stringMatching(/^[a-z]*$/), fc.nat()))
  fc.assert(
    fc.property(plain, fc.nat(), (value, cut) => {
      const text = JSON.stringify(value)
      return findJsonError(text.slice(0, cut % text.length)).found === ''
    }),
  )
  t.pass('200 texts')
  t.end()
})

t.test('deep and long texts are no trouble', (t) => {
  t.match(findJsonError('['.repeat(1e6)), { column: 1e6 + 1 })
  t.match(findJsonError(`[${'1, '.repeat(2e6)}x`), { column: 6e6 + 2, found: 'x' })
  t.match(findJsonError(`"${'a\\n'.repeat(1e6)}`), { column: 3e6 + 2 })
  t.end()
})
