import fc from 'fast-check'
import t from 'tap'
import { scanCells } from '../../src/predictions/scan-cells.js'

const scan = (text: string, nColumns: number) => scanCells(Buffer.from(text), 0, nColumns)

/** Any finite double, each bit pattern as likely. */
const anyBits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((bits) => {
  const value = new Float64Array(BigUint64Array.of(bits).buffer)[0]!
  return Number.isFinite(value) ? value : 0.1
})

const digits = (min: number, max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((all) => all.join(''))

/** Any JSON number, also with more digits than a double has. */
const anyNumber = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits(1, 22),
    digits(0, 25),
    fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e-', 'e+'), fc.integer({ min: 0, max: 330 }))),
  )
  .map(([sign, whole, fraction, exponent]) => {
    const point = fraction === '' ? '' : `.${fraction}`
    return `${sign}${whole.replace(/^0+(?=\d)/, '')}${point}${exponent === null ? '' : exponent.join('')}`
  })

t.test('numbers are what Number() makes of them', (t) => {
  const same = (texts: readonly string[]) => {
    const cells = scan(`[[${texts.join(',')}]]`, texts.length)
    return cells !== undefined && texts.every((text, k) => Object.is(cells.values[k], Number(text)))
  }
  fc.assert(fc.property(fc.array(anyNumber, { minLength: 1, maxLength: 50 }), same), { numRuns: 2_000 })
  fc.assert(
    fc.property(fc.array(anyBits, { minLength: 1, maxLength: 50 }), (values) => same(values.map(String))),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1e-7, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 50 }), (values) =>
      same(values.map(String)),
    ),
    { numRuns: 2_000 },
  )
  // Middles between two doubles, and their neighbours in the last digit.
  t.ok(same(['9007199254740993', '9007199254740992', '9007199254740994', '0.50000000000000005', '1.0000000000000001', '-0', '-0.0', '0e5']))
  t.end()
})

t.test('rows as JSON.parse reads them', (t) => {
  const cell = fc.oneof(fc.double({ noDefaultInfinity: true, noNaN: true }), fc.constantFrom(null, 'inf', '-inf', 0, -1, 17))
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }).chain((n) => fc.array(fc.array(cell, { minLength: n, maxLength: n }), { minLength: 1, maxLength: 9 })),
      fc.constantFrom(undefined, 1, '\t'),
      (rows, indent) => {
        const text = JSON.stringify(rows, null, indent)
        const found = scan(`${text}, "more": 1`, rows[0]!.length)
        const expected = rows
          .flat()
          .map((value) => (value === null ? NaN : value === 'inf' ? Infinity : value === '-inf' ? -Infinity : (value as number) + 0))
        return (
          found?.end === text.length && found.nRows === rows.length && expected.every((value, k) => Object.is(found.values[k]! + 0, value))
        )
      },
    ),
  )
  t.end()
})

t.test('everything else is left to JSON.parse', (t) => {
  for (const text of [
    '',
    '[',
    '[]',
    '[[]]',
    '[1,2]',
    '[[1]]',
    '[[1,2,3]]',
    '[[1,2]',
    '[[1,2],]',
    '[[1,2],[3]]',
    '[[1,2],3]',
    '{"a":1}',
    '[[1,,2]]',
  ]) {
    t.equal(scan(text, 2), undefined, text)
  }
  for (const cell of [
    'nan',
    'NaN',
    'nul',
    'true',
    '"1"',
    '"Inf"',
    '"inf',
    '"-in"',
    '+1',
    '.5',
    '1.',
    '01',
    '-',
    '--1',
    '1e',
    '1e+',
    '1.2.3',
    '0x1',
    '[1]',
    '{}',
    '1 2',
  ]) {
    t.equal(scan(`[[${cell},2]]`, 2), undefined, cell)
  }
  t.end()
})
