import fc from 'fast-check'
import t from 'tap'
import type { Frame } from '../../src/candles/frame.js'
import { openDuckdbStore } from '../../src/store/duckdb.js'
import { readBars } from '../../src/stored-candles/read-bars.js'

const minuteMs = 60_000
const firstMs = Date.UTC(2024, 0, 1)

function frameOf(minutes: readonly number[]): Frame {
  const values = Float64Array.from(minutes, (minute) => minute + 1)
  const openTimeMs = Float64Array.from(minutes, (minute) => firstMs + minute * minuteMs)
  return { nBars: minutes.length, openTimeMs, open: values, high: values, low: values, close: values, volume: values }
}

t.test('as a list of all bars, filtered, ordered and cut, would say', async (t) => {
  const store = await openDuckdbStore({ path: ':memory:' })
  t.teardown(() => store.close())
  let run = 0
  const place = fc.oneof(fc.nat({ max: 30 }), fc.integer({ min: 400_000, max: 400_030 }))
  const bound = fc.option(place, { nil: undefined })
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(place, { maxLength: 25 }),
      fc.record({
        from: bound,
        to: bound,
        after: bound,
        limit: fc.integer({ min: 1, max: 9 }),
        order: fc.constantFrom('asc' as const, 'desc' as const),
      }),
      async (minutes, { from, to, after, limit, order }) => {
        const series = { symbol: `S${run++}`, timeframe: '1m' }
        const sorted = [...minutes].sort((a, b) => a - b)
        if (sorted.length > 0) await store.candles.keep(series, frameOf(sorted), 0)
        const ms = (minute: number | undefined) => (minute === undefined ? undefined : firstMs + minute * minuteMs)
        const read = await readBars(store.candles, { ...series, fromMs: ms(from), toMs: ms(to), afterMs: ms(after), limit, order })
        const expected = (order === 'asc' ? sorted : [...sorted].reverse())
          .filter((minute) => minute >= (from ?? -1) && minute <= (to ?? Infinity))
          .filter((minute) => after === undefined || (order === 'asc' ? minute > after : minute < after))
          .slice(0, limit)
        t.strictSame(Array.from(read.openTimeMs), expected.map(ms))
        t.strictSame(
          Array.from(read.volume),
          expected.map((minute) => minute + 1),
        )
      },
    ),
    { numRuns: 100 },
  )
})
