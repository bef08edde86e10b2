import type { Frame } from '../../../src/candles/frame.js'

/** One row of one timeframe. */
export interface Row {
  readonly label: number
  readonly o: number
  readonly h: number
  readonly l: number
  readonly c: number
  readonly v: number
}

/** The rows of one timeframe that a window ending at `lastBar` holds, the plain way: bins in a map. */
export function plainRows(frame: Frame, lastBar: number, baseBars: number, bufferBars: number, hours: number): Row[] {
  const step = hours * 3_600_000
  const bars = Array.from({ length: baseBars + bufferBars }, (_, k) => lastBar - baseBars - bufferBars + 1 + k)
  const keep = Math.max(1, Math.floor(baseBars / hours))
  const bins = new Map<number, number[]>()
  for (const bar of bars) {
    const label = Math.ceil(frame.openTimeMs[bar]! / step) * step
    bins.set(label, [...(bins.get(label) ?? []), bar])
  }
  const rows = [...bins]
    .filter(([label]) => label <= frame.openTimeMs[lastBar]!)
    .map(([label, of]) => ({
      label,
      o: frame.open[of[0]!]!,
      h: Math.max(...of.map((bar) => frame.high[bar]!)),
      l: Math.min(...of.map((bar) => frame.low[bar]!)),
      c: frame.close[of.at(-1)!]!,
      v: kahan(of.map((bar) => frame.volume[bar]!)),
    }))
  return rows.slice(-keep)
}

function kahan(x: readonly number[]): number {
  let s = x[0]!
  let k = 0
  for (const v of x.slice(1)) {
    const y = v - k
    const u = s + y
    k = u - s - y
    s = u
  }
  return s
}
