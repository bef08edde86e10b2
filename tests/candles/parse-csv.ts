import fc from 'fast-check'
import t from 'tap'
import { parseCsv } from '../../src/candles/parse-csv.js'
import { Problem } from '../../src/errors.js'
import { makeBars, START_MS, toCsv } from './support/make-bars.js'
import { pointerOf, problemOf } from './support/problem-of.js'
import { realCandlesCsv } from './support/real-candles.js'

const HEADER = 'timestamp,open,high,low,close,volume'
const LINE = '2024-03-01 00:00:00,100,102,98.5,100.125,1.1'

t.test('real candles', (t) => {
  const csv = realCandlesCsv()
  const candles = parseCsv(csv)
  t.equal(candles.nBars, 41_577)
  const lines = csv.trim().split('\n').slice(1)
  for (const bar of [0, 1, 5326, 20_000, 41_576]) {
    const [time, ...prices] = lines[bar]!.split(',')
    t.equal(candles.openTimeMs[bar], Date.parse(`${time!.replace(' ', 'T')}Z`))
    t.same([candles.open[bar], candles.high[bar], candles.low[bar], candles.close[bar], candles.volume[bar]], prices.map(Number))
  }
  t.end()
})

t.test('what RFC 4180 and spreadsheets allow', (t) => {
  const quotedLine = '"2024-03-01 00:00:00","100","102",98.5,100.125,"1.1"'
  for (const csv of [
    `${HEADER}\n${LINE}`,
    `${HEADER}\n${LINE}\n`,
    `${HEADER}\r\n${LINE}\r\n`,
    `\uFEFF${HEADER}\n${LINE}\n\n \r\n`,
    `"Timestamp", Open ,HIGH,l,c,v\n${LINE}`,
    `${HEADER}\n${quotedLine}\n`,
    `${HEADER}\n ${LINE.replaceAll(',', ' , ')} \n`,
    `${HEADER},note\n${LINE},"a ""quoted"", text\nover two lines"\n`,
    `extra,${HEADER}\n,${LINE}`,
    `date,o,h,l,c,v\n1709251200000,100,102,98.5,100.125,1.1`,
  ]) {
    const { nBars, openTimeMs, open, high, low, close, volume } = parseCsv(csv)
    t.same([nBars, openTimeMs[0], open[0], high[0], low[0], close[0], volume[0]], [1, START_MS, 100, 102, 98.5, 100.125, 1.1], csv)
  }
  t.end()
})

t.test('errors name line and column', (t) => {
  for (const [csv, place, message] of [
    ['', 'line 1', 'the CSV is empty'],
    ['\n\n', 'line 1', 'the CSV is empty'],
    [HEADER, 'line 1', 'only a header'],
    [`${HEADER}\n\n`, 'line 1', 'only a header'],
    [LINE, 'line 1', 'missing'],
    [`${HEADER.replaceAll(',', ';')}\n`, 'line 1', 'the header has ";" between the names; cells are separated by commas'],
    [`${HEADER.replaceAll(',', '\t')}\n`, 'line 1', 'the header has a tab between the names'],
    ['a,'.repeat(1_001), 'line 1', 'more than 1000 columns are named'],
    ['a'.repeat(201), 'line 1', "a column's name has 201 characters"],
    ['timestamp,open,high,low,close\n', 'line 1', 'column volume missing'],
    [`${HEADER},time\n`, 'line 1', 'column timestamp is given twice, as "timestamp" and "time"'],
    [`${HEADER},open\n`, 'line 1', 'column open is given twice'],
    [`${HEADER}\n${LINE}\n${LINE.replace('102', 'abc')}\n`, 'line 3, column high', '"abc" is no number'],
    [`t,o,H,l,c,v\n${LINE.replace('102', '')}\n`, 'line 2, column H', '"" is no number'],
    [`${HEADER}\n${LINE.replace('102', 'NaN')}\n`, 'line 2, column high', 'is no number'],
    [`${HEADER}\n${LINE.replace('102', '1 02')}\n`, 'line 2, column high', 'is no number'],
    [`${HEADER}\n${LINE.replace('03-01', '02-30')}\n`, 'line 2, column timestamp', 'is no time'],
    [`${HEADER}\n${LINE.replace('2024-03-01 00:00:00', '1709251200')}\n`, 'line 2, column timestamp', 'looks like seconds'],
    [`${HEADER}\n${LINE},7\n`, 'line 2', 'this line has more'],
    [`${HEADER}\n${LINE}\n2024-03-01,2,3\n`, 'line 3', 'this line has fewer'],
    [`${HEADER}\n${LINE}\n\n${LINE}\n`, 'line 3', 'this line has fewer'],
    [`${HEADER}\n"${LINE}\n`, 'line 2', 'a quote is not closed'],
    [`${HEADER}\n"2024-03-01"x,1,1,1,1,1\n`, 'line 2', 'after its closing quote'],
    [`${HEADER},n\n${LINE},"a\nb"\n${LINE.replace('102', 'x')},\n`, 'line 4, column high', 'is no number'],
  ] as const) {
    const problem = problemOf(() => parseCsv(csv))
    t.equal(problem.code, 'invalid-request')
    t.equal(pointerOf(problem), place, JSON.stringify(csv))
    t.match(problem.message, message)
  }
  t.end()
})

t.test('pointers of cells that parsed', (t) => {
  const candles = parseCsv(toCsv(makeBars(5)))
  t.equal(candles.pointer(0, 'timestamp'), 'line 2, column timestamp')
  t.equal(candles.pointer(4, 'close'), 'line 6, column close')
  t.end()
})

t.test('whatever comes, it is bars or a Problem', (t) => {
  const piece = fc.constantFrom(HEADER, LINE, '\n', '\r\n', ',', '"', '""', 'x', '1', ' ', '\uFEFF', '\u0000', '1709251200000')
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 12 }), (pieces) => {
      try {
        return parseCsv(pieces.join('')).nBars > 0
      } catch (error) {
        return error instanceof Problem && error.code === 'invalid-request'
      }
    }),
    { numRuns: 3000 },
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        return parseCsv(`${HEADER}\n${LINE}\n${pieces.join('')}`).nBars > 0
      } catch (error) {
        return error instanceof Problem && error.code === 'invalid-request'
      }
    }),
    { numRuns: 3000 },
  )
  t.pass()
  t.end()
})
