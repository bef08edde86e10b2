import fc from 'fast-check'

/** One candle: timestamp, open, high, low, close, volume. */
export type Bar = [number, number, number, number, number, number]

export const START_MS = Date.UTC(2024, 2, 1)
export const HOUR_MS = 3_600_000

/** Hourly candles without a gap, all of them possible, prices with a few decimals. */
export function makeBars(nBars: number, startMs = START_MS): Bar[] {
  return Array.from({ length: nBars }, (_, i): Bar => {
    const open = 100 + (i % 7) * 0.25
    return [startMs + i * HOUR_MS, open, open + 2, open - 1.5, open + 0.125, (i % 5) * 1.1]
  })
}

/** Candles with prices of any size and precision, on the hourly grid, some hours missing. */
export const anyBars: fc.Arbitrary<Bar[]> = fc
  .array(
    fc.record({
      hour: fc.integer({ min: 0, max: 500 }),
      prices: fc.array(fc.double({ min: 1e-8, max: 1e9, noNaN: true }), { minLength: 4, maxLength: 4 }),
      volume: fc.double({ min: 0, max: 1e12, noNaN: true }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((candles) => {
    const byHour = new Map(candles.map((candle) => [candle.hour, candle]))
    return [...byHour.values()]
      .sort((a, b) => a.hour - b.hour)
      .map(({ hour, prices, volume }): Bar => {
        const [low, open, close, high] = prices.sort((a, b) => a - b) as [number, number, number, number]
        return [START_MS + hour * HOUR_MS, open, high, low, close, volume]
      })
  })

export function toColumns(bars: readonly Bar[]): Record<string, number[]> {
  const column = (i: number) => bars.map((bar) => bar[i]!)
  return { timestamp: column(0), open: column(1), high: column(2), low: column(3), close: column(4), volume: column(5) }
}

export function toRecords(bars: readonly Bar[]): Record<string, number>[] {
  return bars.map(([timestamp, open, high, low, close, volume]) => ({ timestamp, open, high, low, close, volume }))
}

export function toCsv(bars: readonly Bar[]): string {
  return ['timestamp,open,high,low,close,volume', ...bars.map((bar) => bar.join(','))].join('\n') + '\n'
}
