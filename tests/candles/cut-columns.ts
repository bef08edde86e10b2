import fc from 'fast-check'
import t from 'tap'
import { cutColumns as cutBytes } from '../../src/candles/cut-columns.js'
import { parseCandles } from '../../src/candles/parse.js'
import type { Submission } from '../../src/candles/submission.js'
import { makeBars, toColumns } from './support/make-bars.js'

const cutColumns = (text: string) => cutBytes(Buffer.from(text))
const values = ({ nBars, openTimeMs, open, high, low, close, volume }: Submission) => ({
  nBars,
  openTimeMs,
  open,
  high,
  low,
  close,
  volume,
})
const bars = toColumns(makeBars(4))

/** How a body is read without cutting. */
function readWhole(text: string): { candles: Submission; rest: unknown } {
  const body = JSON.parse(text) as Record<string, unknown>
  return { candles: parseCandles(body['candles']), rest: { ...body, candles: null } }
}

t.test('what is cut', (t) => {
  for (const text of [
    JSON.stringify({ candles: bars }),
    JSON.stringify({ model: 'a', symbol: 'BTC/USDT:USDT', candles: bars, timeframe: '1h' }),
    JSON.stringify({ models: ['a', 'b'], candles: bars }, null, '\t'),
    `\r\n${JSON.stringify({ candles: bars, models: ['{', ']'] }, null, 2)} \n`,
    JSON.stringify({
      candles: { V: bars['volume'], O: bars['open'], T: bars['timestamp'], C: bars['close'], L: bars['low'], h: bars['high'] },
    }),
    `{"candles":{"t":[1709251200000.0,1.7092548e12],"o":[1e2,0.1E+3],"h":[100.10000000000000000000000001,123456789012345678901],"l":[-0,1e-999],"c":[1e999,5e-324],"v":[-1.5,0]}}`,
  ]) {
    const cut = cutColumns(text)
    const whole = readWhole(text)
    t.same(values(cut!.submission), values(whole.candles))
    t.ok(Object.is(cut!.submission.low[0], whole.candles.low[0]))
    t.same(JSON.parse(cut!.rest), whole.rest)
    t.equal(cut!.submission.pointer(1, 'open'), whole.candles.pointer(1, 'open'))
  }
  t.end()
})

t.test('a number of a million digits', (t) => {
  const long = JSON.stringify({ candles: bars }).replace('98.5', `98.5${'0'.repeat(1e6)}1`)
  t.same(values(cutColumns(long)!.submission), values(readWhole(long).candles))
  t.end()
})

t.test('what is left to JSON.parse', (t) => {
  const json = (candles: unknown) => JSON.stringify({ candles })
  const { close: _, ...noClose } = bars
  for (const text of [
    '',
    '{}',
    '{"candles"}',
    '{"candles":',
    '{"candles":{',
    '{"candles":{"t"',
    '{"candles":{"t":[',
    '"candles":{}',
    json(null),
    json([]),
    json(makeBars(3)),
    json({}),
    json(noClose),
    json({ ...bars, more: [1] }),
    json({ ...bars, close: [1, 2, 3] }),
    json({ ...bars, close: [1, 2, 3, 4, 5] }),
    json({ ...bars, close: [] }),
    json({ ...bars, close: [1, 2, '3', 4] }),
    json({ ...bars, close: [1, 2, null, 4] }),
    json({ ...bars, close: [1, 2, [3], 4] }),
    json({ ...bars, close: 7 }),
    json({ ...noClose, o: bars['close'] }),
    json({ ...bars, timestamp: [1, 2, 3, 4] }),
    json({ timestamp: [], open: [], high: [], low: [], close: [], volume: [] }),
    json(bars).replace('"close"', '"clos\\u0065"'),
    JSON.stringify({ x: { candles: bars } }),
    JSON.stringify([{ candles: bars }]),
    JSON.stringify({ symbol: '"', candles: bars }),
    JSON.stringify({ candles: bars, symbol: '\\' }),
    JSON.stringify({ model: 'candles', candles: bars }),
    JSON.stringify({ candles: bars, x: { candles: 1 } }),
    `{"candles":1,${json(bars).slice(1)}`,
    `{"x":${' '.repeat(20_000)}1,${json(bars).slice(1)}`,
    ...['01', '+1', '.5', '1.', '1e', '1e+', '-', '1_0', 'NaN', 'Infinity', '0x1', '1 2', '1,', ',1', '', '--1'].map((number) =>
      json({ ...bars, close: [1, 2, 3, 77] }).replace('77', number),
    ),
  ]) {
    t.equal(cutColumns(text), undefined, text.slice(0, 60))
  }
  t.end()
})

t.test('whatever was cut means the same as the whole, and is JSON only if the whole is', (t) => {
  const whole = JSON.stringify({ model: 'm', candles: bars, symbol: 'S' }, null, 1)
  const character = fc.constantFrom(...'{}[]":,.-+eE0123456789 \n\\x', '"candles"', 'null', '"t":[1]', '')
  const edit = fc.record({ at: fc.nat(whole.length), remove: fc.nat(3), insert: character })
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const text = edits.reduce((text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove), whole)
      const cut = cutColumns(text)
      if (cut === undefined) return
      t.equal(isJson(cut.rest), isJson(text))
      if (!isJson(text)) return
      const expected = readWhole(text)
      t.same(values(cut.submission), values(expected.candles))
      t.same(JSON.parse(cut.rest), expected.rest)
    }),
    { numRuns: 5000 },
  )
  t.end()
})

t.test('every number has the bits of JSON.parse', (t) => {
  const written = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc.tuple(fc.integer(), fc.nat(12)).map(([value, decimals]) => (value / 10 ** decimals).toFixed(decimals)),
    fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.bigInt({ min: 0n, max: 10n ** 30n })).map(([a, b]) => `${a}.${b}`),
  )
  fc.assert(
    fc.property(fc.array(written, { minLength: 1, maxLength: 50 }), (numbers) => {
      const column = `[${numbers.join(', ')}]`
      const times = JSON.stringify(numbers.map(() => 1709251200000))
      const text = `{"candles":{"t":${times},"o":${column},"h":${column},"l":${column},"c":${column},"v":${column}}}`
      const { open } = cutColumns(text)!.submission
      return numbers.every((number, i) => Object.is(open[i], Number(number)))
    }),
    { numRuns: 1000 },
  )
  t.end()
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
