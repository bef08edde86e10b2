import fc from 'fast-check'
import t from 'tap'
import { columns } from '../../src/candles/column.js'
import { parseCsv } from '../../src/candles/parse-csv.js'
import { parseCandles } from '../../src/candles/parse.js'
import type { Submission } from '../../src/candles/submission.js'
import { Problem } from '../../src/errors.js'
import { anyBars, type Bar, makeBars, toColumns, toCsv, toRecords } from './support/make-bars.js'
import { pointerOf, problemOf } from './support/problem-of.js'

const values = ({ nBars, openTimeMs, open, high, low, close, volume }: Submission) => ({
  nBars,
  openTimeMs,
  open,
  high,
  low,
  close,
  volume,
})
const bars = makeBars(20)

t.test('columns, records, rows and CSV of the same numbers are the same bars', (t) => {
  fc.assert(
    fc.property(anyBars, (bars: Bar[]) => {
      const expected = values(parseCandles(toColumns(bars)))
      t.equal(expected.nBars, bars.length)
      t.same(
        [...expected.low],
        bars.map((bar) => bar[3]),
      )
      t.same(values(parseCandles(toRecords(bars))), expected)
      t.same(values(parseCandles(bars)), expected)
      t.same(values(parseCandles(bars.map((bar) => bar.map(String)))), expected)
      t.same(values(parseCsv(toCsv(bars))), expected)
    }),
    { numRuns: 50 },
  )
  t.end()
})

t.test('names', (t) => {
  const { timestamp, open, high, low, close, volume } = toColumns(bars)
  const expected = values(parseCandles(toColumns(bars)))
  for (const time of ['timestamp', 'time', 'open_time', 'date', 'ts', 't', 'Timestamp', 'OPEN_TIME', 'T']) {
    t.same(values(parseCandles({ [time]: timestamp, O: open, High: high, l: low, CLOSE: close, v: volume })), expected, time)
  }
  t.same(values(parseCandles({ ...toColumns(bars), trades: 'many', close_time: [1], oi: null })), expected, 'further columns are ignored')
  t.same(values(parseCandles(bars.map((bar) => [...bar, 'more', null]))), expected, 'further cells are ignored')
  t.same(
    values(parseCandles(toRecords(bars).map((record, i) => ({ [`extra${i}`]: i, ...record })))),
    expected,
    'keys may differ per record',
  )

  for (const twice of [
    { ...toColumns(bars), time: timestamp },
    { ...toColumns(bars), o: open },
    { ...toColumns(bars), OPEN: open },
  ]) {
    const problem = problemOf(() => parseCandles(twice))
    t.equal(problem.code, 'invalid-request')
    t.match(problem.message, 'given twice')
  }
  const problem = problemOf(() => parseCandles([...toRecords(bars), { ...toRecords(bars)[0], C: 1 }]))
  t.match(problem.message, 'column close is given twice, as "close" and "C"')
  t.equal(pointerOf(problem), '/candles/20')
  t.end()
})

t.test('times in every notation', (t) => {
  const texts = bars.map(([ms]) => new Date(ms).toISOString())
  const expected = values(parseCandles(toColumns(bars)))
  t.same(values(parseCandles({ ...toColumns(bars), timestamp: texts })), expected)
  t.same(values(parseCandles({ ...toColumns(bars), timestamp: texts.map((text) => text.slice(0, 19).replace('T', ' ')) })), expected)
  t.same(values(parseCandles({ ...toColumns(bars), timestamp: bars.map(([ms]) => String(ms)) })), expected)
  t.end()
})

t.test('a cell that is no number', (t) => {
  for (const cell of [null, 'abc', '', 'NaN', ' 1', true, [], [1], {}, undefined]) {
    const at = (layout: unknown[] | Record<string, unknown>) => {
      const problem = problemOf(() => parseCandles(layout))
      t.equal(problem.code, 'invalid-request')
      t.match(problem.message, 'is no number')
      return pointerOf(problem)
    }
    const inColumns: Record<string, unknown[]> = { ...toColumns(bars) }
    inColumns['close'] = inColumns['close']!.with(17, cell)
    t.equal(at(inColumns), '/candles/close/17')
    const { close, ...rest } = inColumns
    t.equal(at({ ...rest, C: close }), '/candles/C/17', 'the pointer has the key of the body')
    t.equal(at((toRecords(bars) as Record<string, unknown>[]).with(17, { ...toRecords(bars)[17], close: cell })), '/candles/17/close')
    t.equal(at((bars as unknown[][]).with(17, (bars[17] as unknown[]).with(4, cell))), '/candles/17/4')
  }
  const seconds = problemOf(() => parseCandles({ ...toColumns(bars), timestamp: bars.map(([ms]) => ms / 1000) }))
  t.equal(pointerOf(seconds), '/candles/timestamp/0')
  t.match(seconds.message, 'looks like seconds')
  const longText = problemOf(() => parseCandles(bars.map((bar) => bar.with(1, 'x'.repeat(1e6) as unknown as number))))
  t.ok(longText.message.length < 200, 'long cells are cut')
  t.end()
})

t.test('infinite cells are numbers, and left to the checks', (t) => {
  t.equal(parseCandles([[bars[0]![0], 'Infinity', JSON.parse('1e999'), 1, 1, '-inf']]).high[0], Infinity)
  t.end()
})

t.test('shapes', (t) => {
  const columnsOf = toColumns(bars)
  for (const [candles, pointer, message] of [
    [undefined, '/candles', 'candles are missing; send columns'],
    [null, '/candles', 'wrong type; send columns'],
    ['x', '/candles', 'or rows'],
    [7, '/candles', 'records'],
    [[], '/candles', 'no candles'],
    [{}, '/candles', 'columns timestamp, open, high, low, close, volume missing'],
    [{ ...columnsOf, close: undefined }, '/candles/close', 'column close is no array'],
    [{ ...columnsOf, close: 5 }, '/candles/close', 'column close is no array'],
    [{ ...columnsOf, close: columnsOf['close']!.slice(1) }, '/candles/close', 'unequal length'],
    [Object.fromEntries(columns.map((column) => [column, []])), '/candles', 'no candles'],
    [[5], '/candles/0', 'an object or an array'],
    [[null], '/candles/0', 'an object or an array'],
    [[bars[0], toRecords(bars)[1]], '/candles/1', 'this one is not'],
    [[toRecords(bars)[0], bars[1]], '/candles/1', 'this one is not'],
    [[bars[0]!.slice(0, 5)], '/candles/0', 'this one has 5'],
    [[{ timestamp: 1 }], '/candles/0', 'columns open, high, low, close, volume missing'],
  ] as [unknown, string, string][]) {
    const problem = problemOf(() => parseCandles(candles))
    t.equal(problem.code, 'invalid-request')
    t.equal(pointerOf(problem), pointer)
    t.match(problem.message, message)
  }
  const { close: _, ...withoutClose } = columnsOf
  const problem = problemOf(() => parseCandles(withoutClose))
  t.match(problem.message, 'column close missing')
  t.same(problem.extras['missing'], ['close'])
  t.end()
})

t.test('pointers of cells that parsed', (t) => {
  t.equal(parseCandles({ ...toColumns(bars) }).pointer(3, 'low'), '/candles/low/3')
  t.equal(parseCandles(toRecords(bars).map(({ low, ...rest }) => ({ L: low, ...rest }))).pointer(3, 'low'), '/candles/3/L')
  t.equal(parseCandles(bars).pointer(3, 'timestamp'), '/candles/3/0')
  t.end()
})

t.test('whatever comes, it is bars or a Problem', (t) => {
  const cell = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.double(), fc.constantFrom('1', 'NaN', '2024-03-01', 1709251200000))
  const names = fc.constantFrom('timestamp', 'open', 'high', 'low', 'close', 'volume', 't', 'o', 'h', 'l', 'c', 'v', 'x')
  const garbage = fc.oneof(
    fc.jsonValue(),
    fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 3 }),
    fc.array(fc.dictionary(names, cell), { maxLength: 3 }),
    fc.dictionary(names, fc.array(cell, { maxLength: 3 })),
  )
  fc.assert(
    fc.property(garbage, (value) => {
      try {
        return parseCandles(value).nBars > 0
      } catch (error) {
        return error instanceof Problem && error.code === 'invalid-request' && pointerOf(error)!.startsWith('/candles')
      }
    }),
    { numRuns: 2000 },
  )
  t.pass()
  t.end()
})
