import t from 'tap'
import { fillHourly, fillResampled } from '../../../src/features/multi-timeframe/fill-rows.js'
import { createLookback, type Lookback } from '../../../src/features/multi-timeframe/lookback.js'
import { barsOf, frameOf, hourMs, workedFrame, type Bar } from '../support/frames.js'

const day = Date.UTC(2025, 0, 10)
const small = frameOf(
  Array.from({ length: 10 }, (_, i): Bar => [10 + i, 11 + i, 9 + i, 11 + i, i + 1]),
  day + 3 * hourMs,
)

t.test('bins close and are labelled on the right; a partial first one stays, an unfinished last one goes', (t) => {
  t.strictSame(resampled(small, 0, 9, 4, 100), {
    labelMs: day + 12 * hourMs,
    rows: [
      [10, 12, 9, 12, 3],
      [12, 16, 11, 16, 18],
      [16, 20, 15, 20, 34],
    ],
  })
  t.strictSame(resampled(small, 0, 9, 12, 100), { labelMs: day + 12 * hourMs, rows: [[10, 20, 9, 20, 55]] })
  t.strictSame(resampled(small, 0, 9, 24, 100).rows, [], 'the only bin ends next midnight')
  t.strictSame(resampled(small, 0, 8, 4, 100).rows, [
    [10, 12, 9, 12, 3],
    [12, 16, 11, 16, 18],
  ])
  t.strictSame(resampled(small, 0, 8, 12, 100).rows, [])
  t.strictSame(resampled(small, 0, 9, 4, 2).rows.length, 2, 'only the last rows asked for')
  t.end()
})

t.test('a bin without bars is a row of NaN with volume 0', (t) => {
  const keep = [0, 1, 6, 7, 8, 9]
  const pick = (column: Float64Array) => Float64Array.from(keep, (i) => column[i]!)
  const gapped = {
    nBars: keep.length,
    openTimeMs: pick(small.openTimeMs),
    open: pick(small.open),
    high: pick(small.high),
    low: pick(small.low),
    close: pick(small.close),
    volume: pick(small.volume),
  }
  t.strictSame(resampled(gapped, 0, 5, 4, 100).rows, [
    [10, 12, 9, 12, 3],
    [NaN, NaN, NaN, NaN, 0],
    [16, 20, 15, 20, 34],
  ])
  t.end()
})

t.test('hourly bars in the first kept row, by hour of the target bar and buffer', (t) => {
  const nBars = 800
  const counting = frameOf(
    barsOf(Array.from({ length: nBars }, () => 100)).map(([o, h, l, c]): Bar => [o, h, l, c, 1]),
    Date.UTC(2025, 0, 1),
  )
  const expected: Record<number, [number[], number[], number[]]> = {
    0: [[4, 12, 24], [4, 12, 24], [4, 12, 24]],
    3: [[1, 9, 21], [4, 12, 24], [4, 12, 24]],
    10: [[2, 2, 14], [4, 8, 20], [4, 12, 24]],
    11: [[1, 1, 13], [4, 7, 19], [4, 12, 24]],
    12: [[4, 12, 12], [4, 12, 18], [4, 12, 24]],
    23: [[1, 1, 1], [4, 7, 7], [4, 12, 24]],
  } // prettier-ignore
  for (const [hour, perBuffer] of Object.entries(expected)) {
    const lastBar = 768 + Number(hour)
    for (const [which, buffer] of [0, 6, 23].entries()) {
      const counts = [4, 12, 24].map((hours) => {
        const rows = resampled(counting, lastBar - 720 - buffer + 1, lastBar, hours, 720 / hours).rows
        t.equal(rows.length, 720 / hours)
        return rows[0]![4]
      })
      t.strictSame(counts, perBuffer[which], `hour ${hour}, buffer ${buffer}`)
    }
  }
  t.end()
})

t.test('rows of the worked frame', (t) => {
  const frame = workedFrame(726)
  const rows = (buffer: number, hours: number) => resampled(frame, 6 - buffer, 725, hours, 720 / hours)
  t.strictSame(
    [4, 12, 24].map((hours) => rows(0, hours).rows[0]),
    [
      [1077.5, 1080.5, 998, 1054.5, 77],
      [1077.5, 1080.5, 998, 1054.5, 77],
      [1077.5, 1087.5, 975.5, 1083.5, 450],
    ],
  )
  t.strictSame(
    [4, 12, 24].map((hours) => rows(6, hours).rows[0]),
    [
      [1001.5, 1080.5, 998, 1054.5, 127],
      [1000, 1080.5, 996, 1054.5, 228],
      [1000, 1087.5, 975.5, 1083.5, 601],
    ],
  )
  t.strictSame(
    [4, 12, 24].map((hours) => rows(6, hours).rows.at(-1)),
    [
      [1032.5, 1087.5, 1003.5, 1085.5, 148],
      [1051.5, 1084, 972.5, 1080.5, 374],
      [993.5, 1103, 972.5, 1080.5, 719],
    ],
  )
  t.strictSame(
    [4, 12, 24].map((hours) => new Date(rows(0, hours).labelMs).toISOString().slice(0, 13)),
    ['2025-04-02T08', '2025-04-02T00', '2025-04-02T00'],
  )
  const hourly = createLookback(720)
  fillHourly(hourly, frame, 725, 720)
  t.strictSame(rowsOf(hourly)[0], [1077.5, 1080.5, 998, 1001, 30])
  t.strictSame(rowsOf(hourly)[719], [1007, 1061.5, 1003, 1060.5, 35])
  t.end()
})

function resampled(frame: Parameters<typeof fillResampled>[1], firstBar: number, lastBar: number, hours: number, rows: number) {
  const lookback = createLookback(rows)
  fillResampled(lookback, frame, firstBar, lastBar, hours, rows)
  return { labelMs: lookback.labelMs, rows: rowsOf(lookback) }
}

function rowsOf({ nBars, open, high, low, close, volume }: Lookback): number[][] {
  return Array.from({ length: nBars }, (_, i) => [open[i]!, high[i]!, low[i]!, close[i]!, volume[i]!])
}
