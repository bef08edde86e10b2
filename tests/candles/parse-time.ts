import fc from 'fast-check'
import t from 'tap'
import { earliestMs, latestMs, parseTime, whyNoTime } from '../../src/candles/parse-time.js'

t.test('one instant in every notation', (t) => {
  const ms = Date.UTC(2024, 2, 1, 5, 0, 0)
  for (const text of [
    '1709269200000',
    '1709269200000.0',
    '1.7092692e12',
    '2024-03-01T05:00:00.000Z',
    '2024-03-01T05:00:00Z',
    '2024-03-01T05:00Z',
    '2024-03-01T05:00:00',
    '2024-03-01t05:00:00z',
    '2024-03-01 05:00:00',
    '2024-03-01 05:00',
    '2024-03-01 05:00:00+00:00',
    '2024-03-01T07:00:00+02:00',
    '2024-03-01T07:00:00+0200',
    '2024-03-01T07:00:00+02',
    '2024-02-29T23:30:00-05:30',
    '2024-03-01 05:00:00.000000000',
  ]) {
    t.equal(parseTime(text), ms, text)
  }
  t.equal(parseTime('2024-03-01'), Date.UTC(2024, 2, 1), 'a date alone is its midnight')
  t.equal(parseTime('2024-02-29T00:00:00.123456Z'), Date.UTC(2024, 1, 29) + 123.456, 'fractions are kept')
  t.equal(parseTime('2024-02-29T00:00:00.000000001Z'), Date.UTC(2024, 1, 29) + 0.001, 'what is finer than a microsecond is not lost')
  const midnightMs = Date.UTC(2024, 1, 29)
  t.equal(parseTime('2024-02-28T23:59:59.999999999Z'), midnightMs - 0.001, 'and reaches no other millisecond')
  t.equal(parseTime('2024-02-28T23:59:59.0009999Z'), midnightMs - 1000 + 0.999)
  t.equal(parseTime('2024-02-28T23:59:59.0010000001Z'), midnightMs - 1000 + 1.001)
  t.equal(parseTime('1999-12-31T23:00:00Z'), Date.UTC(1999, 11, 31, 23), 'a written date may lie before 2000')
  t.end()
})

t.test('what is no time', (t) => {
  for (const text of [
    '',
    'now',
    'NaN',
    '2021-02-30',
    '2021-02-29T00:00:00Z',
    '2021-13-01',
    '2021-00-01',
    '2021-01-00',
    '2021-04-31 00:00:00',
    '0000-01-01',
    '2024-03-01T',
    '2024-03-01T05',
    '2024-03-01T24:00:00Z',
    '2024-03-01T05:60:00Z',
    '2024-03-01T05:00:60Z',
    '2024-03-01T05:00:00.Z',
    '2024-03-01T05:00:00,5Z',
    '2024-03-01T05:00:00ZZ',
    '2024-03-01T05:00:00+2',
    '2024-03-01T05:00:00+24:00',
    '2024-03-01T05:00:00+02:60',
    '2024-03-01  05:00:00',
    '2024-03-01T05:00:00Z ',
    ' 2024-03-01',
    '24-03-01',
    '2024/03/01',
    '2024-3-1',
    '2024-03-01T5:00:00Z',
    '01-03-2024',
  ]) {
    t.ok(Number.isNaN(parseTime(text)), JSON.stringify(text))
  }
  t.end()
})

t.test('digits outside 2000 to 2100 are another unit', (t) => {
  t.equal(parseTime(String(earliestMs)), earliestMs)
  t.equal(parseTime(String(latestMs)), latestMs)
  for (const [text, hint] of [
    ['1709251200', 'seconds'],
    ['1709251200.5', 'seconds'],
    ['1709251200000000', 'microseconds'],
    ['1709251200000000000', 'nanoseconds'],
    [String(latestMs + 1), undefined],
    ['0', undefined],
    ['-1', undefined],
    ['1e999', undefined],
  ] as const) {
    t.ok(Number.isNaN(parseTime(text)), text)
    t.match(whyNoTime(text), /2000 to 2100/)
    if (hint === undefined) t.notMatch(whyNoTime(Number(text)), 'looks like')
    else t.match(whyNoTime(Number(text)), `looks like ${hint}`)
  }
  t.match(whyNoTime('yesterday'), 'ISO 8601')
  t.match(whyNoTime(null), 'ISO 8601')
  t.end()
})

t.test('a written time is a whole millisecond only when it says so, and keeps its place among them', (t) => {
  const midnightMs = Date.UTC(2024, 1, 29)
  fc.assert(
    fc.property(fc.array(fc.constantFrom('0', '9', '5', '1'), { minLength: 1, maxLength: 10 }), (digits) => {
      const ms = parseTime(`2024-02-29T00:00:00.${digits.join('')}Z`) - midnightMs
      const [first, rest] = [Number(digits.slice(0, 3).join('').padEnd(3, '0')), digits.slice(3)]
      const isWhole = rest.every((digit) => digit === '0')
      return Math.floor(ms) === first && Math.ceil(ms) === (isWhole ? first : first + 1)
    }),
  )
  t.pass()
  t.end()
})

t.test('agrees with Date on every instant', (t) => {
  fc.assert(
    fc.property(fc.date({ min: new Date('0100-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (date) => {
      const iso = date.toISOString()
      return parseTime(iso) === date.getTime() && parseTime(iso.replace('T', ' ').replace('Z', '')) === date.getTime()
    }),
  )
  t.pass()
  t.end()
})
