import t from 'tap'
import { freshness } from '../../src/predictions/freshness.js'

const hourMs = 3_600_000
const noonMs = Date.UTC(2026, 0, 5, 12)
const query = { order: 'desc', history: false } as const
/** 12:10:00.500: the newest closed bar is that of 11:00, the next one closes at 13:00. */
const nowMs = noonMs + 600_500
const state = (...newestHours: number[]) => ({
  version: 1,
  timeframes: ['1h'],
  newestMs: newestHours.map((hours) => noonMs + hours * hourMs),
})

t.test('until the next bar closes, once the newest one is answered', (t) => {
  t.strictSame(freshness(state(-1), query, nowMs), { nextExpectedMs: noonMs + hourMs, maxAgeSeconds: 2_999 })
  t.equal(freshness(state(-2), query, nowMs).maxAgeSeconds, 0, 'the newest bar is still to come')
  t.equal(freshness(state(-1, -2), query, nowMs).maxAgeSeconds, 0, 'of one model it is still to come')
  t.equal(freshness(state(-1, -50), query, nowMs).maxAgeSeconds, 2_999, 'a model that was given up is not waited for')
  t.equal(freshness(state(-50), query, nowMs).maxAgeSeconds, 0)
  t.equal(freshness(state(-1), query, noonMs + hourMs - 1).maxAgeSeconds, 0, 'less than a second is no age')
  t.strictSame(
    freshness(state(-1), query, noonMs + hourMs),
    { nextExpectedMs: noonMs + 2 * hourMs, maxAgeSeconds: 0 },
    'from the close on the next one is expected',
  )
  t.end()
})

t.test('what no clock can tell is asked for each time', (t) => {
  t.equal(freshness(state(-1), { ...query, history: true }, nowMs).maxAgeSeconds, 0)
  t.equal(freshness(state(-1), { ...query, toMs: noonMs - hourMs }, nowMs).maxAgeSeconds, 0, 'the next bar does not belong to it')
  t.equal(freshness(state(-1), { ...query, toMs: noonMs }, nowMs).maxAgeSeconds, 2_999)
  t.end()
})

t.test('which bar is next', (t) => {
  const none = { version: 0, timeframes: [], newestMs: [] }
  t.equal(freshness(none, query, nowMs).nextExpectedMs, undefined)
  t.equal(freshness({ ...none, timeframes: ['1h', '4h'] }, query, nowMs).nextExpectedMs, undefined)
  t.equal(freshness(none, { ...query, timeframe: '4h' }, nowMs).nextExpectedMs, noonMs + 4 * hourMs)
  t.equal(freshness(none, { ...query, timeframe: '1d' }, nowMs).nextExpectedMs, noonMs + 12 * hourMs)
  t.end()
})
