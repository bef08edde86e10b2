import t from 'tap'
import { createReadRequest } from '../../src/predictions/read-request.js'
import { endingAt, readBtcusdt, toCsvText, toRecords, toRows } from '../support/btcusdt.js'

const candles = endingAt(readBtcusdt(), Date.UTC(2025, 8, 29, 22), 726)

const readRequest = createReadRequest()

function read(text: string, contentType = 'application/json') {
  const { submission, ...rest } = readRequest({ contentType, contentEncoding: undefined, body: Buffer.from(text), query: { store: true } })
  const asked = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  const { openTimeMs, open, high, low, close, volume } = submission!
  return { ...asked, candles: [openTimeMs, open, high, low, close, volume].map((column) => Array.from(column)) }
}

t.test('every layout of the same candles is the same submission', (t) => {
  const expected = { model: 'm', store: true, candles: Object.values(candles) as number[][] }
  t.strictSame(read(JSON.stringify({ model: 'm', candles })), expected, 'columns')
  t.strictSame(read(JSON.stringify({ candles, model: 'm' }, null, 2)), expected, 'columns, written wide')
  t.strictSame(read(JSON.stringify({ model: 'm', candles: toRecords(candles) })), expected, 'records')
  t.strictSame(read(JSON.stringify({ model: 'm', candles: toRows(candles) })), expected, 'rows')
  const { model: _, ...csv } = expected
  t.strictSame(read(toCsvText(candles), 'text/csv'), csv, 'CSV')
  t.end()
})

t.test('what stands around the candles is judged whatever their layout', (t) => {
  for (const frame of [candles, toRecords(candles), toRows(candles)]) {
    const text = JSON.stringify(frame)
    t.throws(() => read(`{"candles":${text},"model":"a","model":"b"}`), { code: 'invalid-request', message: /twice/ })
    t.throws(() => read(`{"candles":${text},"candles":${text}}`), { code: 'invalid-request', message: /twice/ })
    t.throws(() => read(`{"candles":${text},"model":}`), { code: 'bad-json', extras: { line: 1, column: text.length + 21 } })
    t.throws(() => read(`{"candles":${text}} x`), { code: 'bad-json' })
    t.throws(() => read(`{"candles":${text},"x":${'['.repeat(40)}${']'.repeat(40)}}`), {
      code: 'invalid-request',
      message: /nested deeper than 32/,
    })
    t.throws(() => read(`[{"candles":${text}}]`), { code: 'invalid-request' })
    t.throws(() => read(`{"x":{"candles":${text}}}`), { code: 'invalid-request' })
    t.throws(() => read(`{"candles":${text},"__proto__":{}}`), { code: 'invalid-request', message: /__proto__/ })
  }
  t.throws(() => read(`{"candles":${JSON.stringify(candles).replace('"volume"', '"__proto__":[1],"volume"')},"model":1}`), {
    code: 'invalid-request',
  })
  t.end()
})
