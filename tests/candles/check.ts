import fc from 'fast-check'
import t from 'tap'
import { checkFrame } from '../../src/candles/check.js'
import type { Frame } from '../../src/candles/frame.js'
import { parseCsv } from '../../src/candles/parse-csv.js'
import { parseCandles } from '../../src/candles/parse.js'
import { anyBars, type Bar, HOUR_MS, makeBars, START_MS, toColumns, toCsv } from './support/make-bars.js'
import { pointerOf, problemOf } from './support/problem-of.js'

const LATER = Date.UTC(2030, 0, 1)
const check = (bars: unknown, nowMs = LATER) => checkFrame(parseCandles(bars), '1h', nowMs)
const barsOf = (frame: Frame): Bar[] =>
  Array.from({ length: frame.nBars }, (_, i) => [
    frame.openTimeMs[i]!,
    frame.open[i]!,
    frame.high[i]!,
    frame.low[i]!,
    frame.close[i]!,
    frame.volume[i]!,
  ])

t.test('bars in order come out as they are', (t) => {
  const bars = makeBars(30)
  const { frame, submitted, unfinishedDropped } = check(bars)
  t.same(barsOf(frame), bars)
  t.equal(submitted, 30)
  t.equal(unfinishedDropped, 0)
  t.end()
})

t.test('any order, and any bar twice, gives the same frame', (t) => {
  const shuffled = anyBars.chain((bars) =>
    fc.record({
      bars: fc.constant(bars),
      sent: fc
        .array(fc.nat({ max: bars.length - 1 }), { maxLength: 5 })
        .chain((again) =>
          fc.shuffledSubarray([...bars, ...again.map((i) => [...bars[i]!] as Bar)], { minLength: bars.length + again.length }),
        ),
    }),
  )
  fc.assert(
    fc.property(shuffled, ({ bars, sent }) => {
      const { frame, submitted } = check(sent)
      t.same(barsOf(frame), bars)
      t.equal(submitted, sent.length)
    }),
    { numRuns: 100 },
  )
  t.end()
})

t.test('one open time with two values', (t) => {
  const bars = makeBars(30)
  for (const column of [1, 2, 3, 4, 5]) {
    const other = bars[7]!.with(column, bars[7]![column]! + (column === 3 ? -0.0625 : 0.0625)) as Bar
    const problem = problemOf(() => check([...bars, other]))
    const name = ['timestamp', 'open', 'high', 'low', 'close', 'volume'][column]
    t.equal(problem.code, 'conflicting-candle')
    t.equal(pointerOf(problem), `/candles/30/${column}`, 'points at the later one')
    t.match(problem.extras, { open_time: '2024-03-01T07:00:00.000Z', column: name, values: [bars[7]![column], other[column]] })
    t.match(problem.message, `at /candles/7/${column}`)
  }
  const csv = problemOf(() => checkFrame(parseCsv(toCsv([...bars, bars[7]!.with(4, 101) as Bar])), '1h', LATER))
  t.equal(pointerOf(csv), 'line 32, column close')
  t.same(barsOf(check([...bars, bars[7]!.with(5, -0) as Bar].filter((_, i) => i !== 7)).frame)[7]![5], 0)
  t.end()
})

t.test('candles that cannot be true', (t) => {
  const bars = makeBars(30)
  const good = bars[11]!
  for (const [bar, column, why] of [
    [good.with(1, 0), 1, 'open 0 is not above 0'],
    [good.with(2, -5), 2, 'high -5 is not above 0'],
    [good.with(3, 0), 3, 'low 0 is not above 0'],
    [good.with(3, -0), 3, 'low 0 is not above 0'],
    [good.with(4, -1), 4, 'close -1 is not above 0'],
    [good.with(5, -1e-9), 5, 'volume -1e-9 is negative'],
    [good.with(1, Infinity), 1, 'open Infinity is not finite'],
    [good.with(2, Infinity), 2, 'high Infinity is not finite'],
    [good.with(3, -Infinity), 3, 'low -Infinity is not finite'],
    [good.with(5, Infinity), 5, 'volume Infinity is not finite'],
    [good.with(2, good[3] - 1), 2, 'is below low'],
    [good.with(2, good[1] - 0.1), 2, 'is below open'],
    [good.with(4, good[2] + 0.1), 2, 'is below close'],
    [good.with(3, good[1] + 0.01), 3, 'is above open'],
    [good.with(4, good[3] - 0.01), 3, 'is above close'],
    [good.with(0, good[0] + 1), 0, 'not on the grid of 1h'],
    [good.with(0, good[0] + HOUR_MS / 2), 0, 'not on the grid'],
    [good.with(0, good[0] + 0.5), 0, 'not on the grid'],
  ] as [Bar, number, string][]) {
    const problem = problemOf(() => check(bars.with(11, bar)))
    t.equal(problem.code, 'bad-candle')
    t.equal(pointerOf(problem), `/candles/11/${column}`)
    t.match(problem.message, why)
    t.equal(problem.extras['open_time'], new Date(bar[0]).toISOString())
    t.equal(problem.extras['value'], Number.isFinite(bar[column]) ? bar[column] : String(bar[column]))
  }
  const first = problemOf(() =>
    check(
      [...bars]
        .reverse()
        .with(4, bars[25]!.with(5, -1) as Bar)
        .with(20, bars[9]!.with(5, -2) as Bar),
    ),
  )
  t.equal(pointerOf(first), '/candles/4/5', 'the first in the order of the body')
  t.equal(problemOf(() => check(bars.with(29, bars[29]!.with(5, -1) as Bar), START_MS)).code, 'bad-candle', 'also among unfinished bars')
  t.end()
})

t.test('the grid is that of the timeframe', (t) => {
  const at = (ms: number) => parseCandles([[ms, 2, 3, 1, 2, 0]])
  t.equal(checkFrame(at(START_MS + 15 * 60_000), '15m', LATER).frame.nBars, 1)
  t.equal(problemOf(() => checkFrame(at(START_MS + 15 * 60_000), '30m', LATER)).code, 'bad-candle')
  t.equal(checkFrame(at(START_MS + 8 * HOUR_MS), '4h', LATER).frame.nBars, 1)
  t.equal(problemOf(() => checkFrame(at(START_MS + 8 * HOUR_MS), '12h', LATER)).code, 'bad-candle')
  t.equal(checkFrame(at(START_MS), '1d', LATER).frame.nBars, 1)
  t.equal(problemOf(() => checkFrame(at(START_MS + HOUR_MS), '1d', LATER)).code, 'bad-candle')
  t.end()
})

t.test('bars that are still open are dropped from the end and counted', (t) => {
  const bars = makeBars(30)
  const lastMs = bars[29]![0]
  for (const [nowMs, dropped] of [
    [lastMs + HOUR_MS, 0],
    [lastMs + HOUR_MS - 1, 1],
    [lastMs, 1],
    [lastMs - 1, 2],
    [START_MS, 30],
    [0, 30],
  ] as const) {
    const { frame, submitted, unfinishedDropped } = check(bars, nowMs)
    t.equal(unfinishedDropped, dropped)
    t.equal(submitted, 30)
    t.same(barsOf(frame), bars.slice(0, 30 - dropped))
  }
  t.equal(check([...bars].reverse(), lastMs).unfinishedDropped, 1, 'unsorted too')
  t.end()
})

t.test('a volume of −0 is 0', (t) => {
  const { frame } = check(toColumns(makeBars(3).map((bar) => bar.with(5, -0) as Bar)))
  for (const volume of frame.volume) t.ok(Object.is(volume, 0))
  t.end()
})
