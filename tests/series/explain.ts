import t from 'tap'
import { createExplain, type Facts } from '../../src/series/explain.js'

const hourMs = 3_600_000
const noonMs = Date.UTC(2026, 0, 5, 12)
/** Open time of a bar, hours from noon. */
const at = (hours: number) => noonMs + hours * hourMs
const times = (from: number, to: number, without: readonly number[] = []) =>
  Float64Array.from(
    Array.from({ length: to - from + 1 }, (_, k) => from + k).filter((hours) => !without.includes(hours)),
    at,
  )

/** A service that ran for ten hours with the model, and has the candles of all of them. */
const facts: Facts = {
  timeframe: '1h',
  absences: [],
  runs: [{ id: 'a', fromMs: at(0), untilMs: at(10) }],
  states: [{ model: 'm', state: 'served', fromMs: at(0) + 5_000 }],
  openTimeMs: times(-10, 10),
  oldestMs: at(-10),
  windowBars: 4,
}

const why = (hours: number, other: Partial<Facts> = {}) => {
  const { reason, detail } = createExplain({ ...facts, ...other })(at(hours))
  t.match(detail, /\.$|^recorded/, 'a sentence')
  return reason
}
const absence = {
  symbol: 'B',
  timeframe: '1h',
  model: 'm',
  barTimeMs: at(3),
  reason: 'refused',
  detail: 'recorded',
  recordedAtMs: at(4),
} as const

t.test('nothing is wrong: nobody asked', (t) => {
  t.equal(why(3), 'not-asked')
  t.end()
})

t.test('what was recorded comes first, the newest of it', (t) => {
  t.equal(why(3, { absences: [absence], runs: [], openTimeMs: times(0, 0) }), 'refused')
  t.equal(why(4, { absences: [absence] }), 'not-asked', 'of another bar')
  t.equal(why(3, { absences: [absence, { ...absence, reason: 'gap', recordedAtMs: at(5) }] }), 'gap')
  t.equal(why(3, { absences: [{ ...absence, reason: 'gap', recordedAtMs: at(5) }, absence] }), 'gap')
  t.end()
})

t.test('whether the service ran when a live prediction would have been made', (t) => {
  const runs = [
    { id: 'a', fromMs: at(0), untilMs: at(3) + 60_000 },
    { id: 'b', fromMs: at(6), untilMs: at(10) },
  ]
  // The bar of 2:00 closes at 3:00, when the first run still lives; that of 3:00 at 4:00.
  t.equal(why(2, { runs }), 'not-asked')
  t.equal(why(3, { runs }), 'not-running')
  t.equal(why(4, { runs }), 'not-running', 'its time ends when the second run begins')
  t.equal(why(5, { runs }), 'not-asked')
  t.equal(why(9, { runs }), 'not-asked', 'the last sign of life is at its close')
  t.equal(why(10, { runs }), 'not-running')
  t.equal(why(3, { runs, openTimeMs: times(-10, -8) }), 'not-running', 'whatever the candles')
  t.match(createExplain({ ...facts, runs })(at(3)).detail, /from 2026-01-05T15:01:00.000Z, the last sign of life, to 2026-01-05T18:00/)
  t.end()
})

t.test('bars of before the first run are explained by the candles', (t) => {
  t.equal(why(-3), 'not-running')
  t.equal(why(-8), 'not-enough-history')
  t.equal(why(-11), 'no-candles')
  t.equal(why(-3, { openTimeMs: times(-10, 10, [-4]) }), 'gap')
  t.equal(why(-3, { runs: [] }), 'not-running')
  t.equal(why(-1), 'not-asked', 'the service began before the time of this one was over')
  t.end()
})

t.test('whether the model was served', (t) => {
  const states = [
    { model: 'm', state: 'served', fromMs: at(0) },
    { model: 'm', state: 'refused', fromMs: at(4) },
    { model: 'm', state: 'absent', fromMs: at(6) },
    { model: 'm', state: 'served', fromMs: at(8) },
  ] as const
  t.equal(why(2, { states }), 'not-asked')
  t.equal(why(3, { states }), 'model-unavailable')
  t.match(createExplain({ ...facts, states })(at(3)).detail, /refused from 2026-01-05T16:00/)
  t.match(createExplain({ ...facts, states })(at(5)).detail, /did not have this model from 2026-01-05T18:00/)
  t.equal(why(6, { states }), 'model-unavailable')
  t.equal(why(7, { states }), 'not-asked', 'served again at the close')
  t.equal(why(3, { states: [] }), 'model-unavailable')
  t.equal(why(3, { states: [{ model: 'm', state: 'served', fromMs: at(4.5) }] }), 'not-asked', 'it came within the time')
  t.end()
})

t.test('whether the candles are there', (t) => {
  t.equal(why(3, { openTimeMs: times(-10, 10, [3]) }), 'no-candles')
  t.equal(why(3, { openTimeMs: new Float64Array(0), oldestMs: undefined }), 'no-candles')
  for (const missing of [0, 1, 2]) t.equal(why(3, { openTimeMs: times(-10, 10, [missing]) }), 'gap')
  t.equal(why(3, { openTimeMs: times(-10, 10, [-1]) }), 'not-asked', 'before the window')
  t.match(
    createExplain({ ...facts, openTimeMs: times(-10, 10, [1, 2]) })(at(3)).detail,
    /^2 of the 4 candles .* are not stored: 2026-01-05T13:00/,
  )
  t.equal(why(3, { openTimeMs: times(1, 10), oldestMs: at(1) }), 'not-enough-history')
  t.equal(why(3, { openTimeMs: times(0, 10), oldestMs: at(0) }), 'not-asked')
  t.equal(why(3, { openTimeMs: times(1, 10), oldestMs: at(1), windowBars: undefined }), 'not-asked', 'nobody knows what it needs')
  t.end()
})
