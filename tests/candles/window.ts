import fc from 'fast-check'
import t from 'tap'
import { checkFrame } from '../../src/candles/check.js'
import type { Frame } from '../../src/candles/frame.js'
import { parseCandles } from '../../src/candles/parse.js'
import type { Submission } from '../../src/candles/submission.js'
import { requireWindow } from '../../src/candles/window.js'
import { HOUR_MS, makeBars, START_MS } from './support/make-bars.js'
import { problemOf } from './support/problem-of.js'
import { realCandles } from './support/real-candles.js'

const need = { windowBars: 726, barsPerTimeframe: { '1H': 720, '4H': 180, '12H': 60, '1D': 30 } }
const LATER = Date.UTC(2030, 0, 1)

t.test('the real gaps', (t) => {
  const candles = checkFrame(realCandles(), '1h', LATER).frame
  for (const [first, nMissing, rows] of [
    ['2021-02-11T04:00:00.000Z', 1, { '1H': 1, '4H': 1, '12H': 1, '1D': 1 }],
    ['2021-03-06T02:00:00.000Z', 1, { '1H': 1, '4H': 1, '12H': 1, '1D': 1 }],
    ['2021-04-20T02:00:00.000Z', 2, { '1H': 2, '4H': 1, '12H': 1, '1D': 1 }],
    ['2021-04-25T05:00:00.000Z', 3, { '1H': 3, '4H': 1, '12H': 1, '1D': 1 }],
    ['2021-08-13T02:00:00.000Z', 4, { '1H': 4, '4H': 2, '12H': 1, '1D': 1 }],
    ['2021-09-29T07:00:00.000Z', 2, { '1H': 2, '4H': 1, '12H': 1, '1D': 1 }],
    ['2023-03-24T13:00:00.000Z', 1, { '1H': 1, '4H': 1, '12H': 1, '1D': 1 }],
  ] as const) {
    const firstMs = Date.parse(first)
    const behind = candles.openTimeMs.findIndex((ms) => ms > firstMs)
    const expectedMs = Array.from({ length: nMissing }, (_, i) => new Date(firstMs + i * HOUR_MS).toISOString())

    // Two days behind the gap, so that every row it lies in is finished; 400 bars before it.
    const spanning = problemOf(() => requireWindow(slice(candles, behind - 400, behind + 48), '1h', { ...need, windowBars: 100 }))
    t.equal(spanning.code, 'gap')
    t.same(spanning.extras['missing'], rows)
    t.equal(spanning.extras['missing_bars'], nMissing)
    t.same(spanning.extras['first_missing'], expectedMs)
    t.match(spanning.message, expectedMs[0])

    requireWindow(slice(candles, behind - 400, behind + 100), '1h', { ...need, windowBars: 100 })
    t.pass('a gap just before the window does not matter')
    const edge = problemOf(() => requireWindow(slice(candles, behind - 400, behind + 100), '1h', { ...need, windowBars: 101 }))
    t.equal(edge.extras['missing_bars'], 1, 'the window one bar longer reaches into it')
  }
  t.end()
})

t.test('rows that are not finished are not counted', (t) => {
  const candles = checkFrame(realCandles(), '1h', LATER).frame
  const behind = candles.openTimeMs.findIndex((ms) => ms > Date.parse('2021-08-13T02:00:00.000Z'))
  const problem = problemOf(() => requireWindow(slice(candles, behind - 400, behind + 1), '1h', { ...need, windowBars: 100 }))
  t.same(problem.extras['missing'], { '1H': 4, '4H': 1, '12H': 0, '1D': 0 }, 'the last bar is 06:00')
  t.same(problem.extras['first_missing_rows'], {
    '1H': ['02', '03', '04', '05'].map((hour) => `2021-08-13T${hour}:00:00.000Z`),
    '4H': ['2021-08-13T04:00:00.000Z'],
    '12H': [],
    '1D': [],
  })
  t.end()
})

t.test('not enough history', (t) => {
  const enough = frameOf(726)
  requireWindow(enough, '1h', need)
  requireWindow(frameOf(10_000), '1h', need)
  for (const nBars of [1, 2, 725]) {
    const frame = frameOf(nBars)
    const problem = problemOf(() => requireWindow(frame, '1h', need))
    t.equal(problem.code, 'not-enough-history')
    t.same(problem.extras, {
      bars_given: nBars,
      bars_needed: 726,
      needed_from: new Date(frame.openTimeMs[nBars - 1]! - 725 * HOUR_MS).toISOString(),
    })
  }
  const none = problemOf(() => requireWindow(checkFrame(submission(5), '1h', START_MS).frame, '1h', need))
  t.equal(none.code, 'not-enough-history')
  t.match(none.extras, { bars_given: 0, bars_needed: 726 })
  const shortAndTorn = problemOf(() => requireWindow(without(frameOf(725), [300]), '1h', need))
  t.equal(shortAndTorn.code, 'not-enough-history', 'comes before a gap')
  t.equal(shortAndTorn.extras['bars_given'], 724)
  t.end()
})

t.test('other timeframes than the catalogue resamples', (t) => {
  const frame = checkFrame(parseCandles(makeBars(40).filter((_, i) => i !== 20)), '1h', LATER).frame
  t.same(problemOf(() => requireWindow(frame, '1h', { windowBars: 30 })).extras['missing'], { '1h': 1 })
  const odd = { windowBars: 30, barsPerTimeframe: { '4H': 5, weekly: 1 } }
  t.same(problemOf(() => requireWindow(frame, '1h', odd)).extras['missing'], { '1h': 1, '4H': 1 })
  t.end()
})

t.test('any missing bars inside the window are all named, others do not matter', (t) => {
  const whole = frameOf(400)
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 398 }), { maxLength: 15 }),
      fc.integer({ min: 1, max: 400 }),
      (holes, windowBars) => {
        const inside = holes.filter((bar) => bar >= 400 - windowBars).sort((a, b) => a - b)
        const frame = without(whole, holes)
        if (inside.length === 0) return requireWindow(frame, '1h', { windowBars })
        const { code, extras } = problemOf(() => requireWindow(frame, '1h', { windowBars }))
        t.equal(code, 'gap')
        t.equal(extras['missing_bars'], inside.length)
        t.same(
          extras['first_missing'],
          inside.slice(0, 10).map((bar) => new Date(START_MS + bar * HOUR_MS).toISOString()),
        )
      },
    ),
  )
  t.end()
})

function submission(nBars: number): Submission {
  return parseCandles(makeBars(nBars))
}

function frameOf(nBars: number): Frame {
  return checkFrame(submission(nBars), '1h', LATER).frame
}

function slice(frame: Frame, from: number, to: number): Frame {
  const { openTimeMs, open, high, low, close, volume } = frame
  const cut = (values: Float64Array) => values.subarray(from, to)
  return {
    nBars: to - from,
    openTimeMs: cut(openTimeMs),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  }
}

function without(frame: Frame, bars: readonly number[]): Frame {
  const drop = (values: Float64Array) => values.filter((_, bar) => !bars.includes(bar))
  const { openTimeMs, open, high, low, close, volume } = frame
  return {
    nBars: frame.nBars - bars.length,
    openTimeMs: drop(openTimeMs),
    open: drop(open),
    high: drop(high),
    low: drop(low),
    close: drop(close),
    volume: drop(volume),
  }
}
