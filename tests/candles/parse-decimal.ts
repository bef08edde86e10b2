import fc from 'fast-check'
import t from 'tap'
import { parseDecimal } from '../../src/candles/parse-decimal.js'

const whole = (text: string) => parseDecimal(text, 0, text.length)
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/

t.test('what is a number', (t) => {
  for (const [text, value] of [
    ['0', 0],
    ['-0', -0],
    ['+1.5', 1.5],
    ['1.', 1],
    ['.5', 0.5],
    ['007.25', 7.25],
    ['1e3', 1000],
    ['1E-3', 0.001],
    ['61130.99', 61130.99],
    ['9007199254740993', 9007199254740992],
    ['0.1000000000000000055511151231257827', 0.1],
    ['123456789012345678901234567890', 1.2345678901234568e29],
    ['1e999', Infinity],
    ['-1e999', -Infinity],
    ['5e-324', 5e-324],
    ['1e-999', 0],
    ['Infinity', Infinity],
    ['-inf', -Infinity],
    ['+INF', Infinity],
  ] as const) {
    t.equal(whole(text), value, text)
  }
  t.ok(Object.is(whole('-0'), -0), 'the sign of zero stays')
  t.end()
})

t.test('what is none', (t) => {
  const texts = [
    '',
    ' ',
    '1 ',
    ' 1',
    'abc',
    'NaN',
    'nan',
    '-',
    '+',
    '.',
    '-.',
    'e5',
    '1e',
    '1e+',
    '1.2.3',
    '1,5',
    '0x10',
    '1_000',
    '--1',
    '1n',
    'true',
    'infinit',
    '١',
  ]
  for (const text of texts) t.ok(Number.isNaN(whole(text)), JSON.stringify(text))
  t.end()
})

t.test('a part of a text', (t) => {
  t.equal(parseDecimal('a,12.5,b', 2, 6), 12.5)
  t.equal(parseDecimal('12.5', 0, 2), 12)
  t.equal(parseDecimal('1e5', 0, 1), 1)
  t.ok(Number.isNaN(parseDecimal('1e5', 0, 2)), 'what follows does not belong to it')
  t.end()
})

t.test('rounds as Number() does', (t) => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 25 })
  const decimals = fc
    .tuple(
      fc.constantFrom('', '-', '+'),
      digits,
      fc.constantFrom('', '.'),
      digits,
      fc.constantFrom('', 'e5', 'E-7', 'e+22', 'e-300', 'e308'),
    )
    .map((parts) => parts.join(''))
  const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)
  fc.assert(
    fc.property(fc.oneof(decimals, anyDouble), (text) => Object.is(whole(text), DECIMAL.test(text) ? Number(text) : NaN)),
    { numRuns: 5000 },
  )
  t.pass()
  t.end()
})
