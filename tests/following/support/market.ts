/** A made-up market with a grid of bars: what an exchange knows at a moment. Rows are `[t, open, high, low, close, volume]`. */
export interface Market {
  /** Bars from `sinceMs` on that have begun by `nowMs`, the last one unfinished; at most `limit`. */
  readonly rows: (sinceMs: number, nowMs: number, limit: number) => number[][]
  /** A closed bar with the values it has for good, revisions included. */
  readonly row: (openTimeMs: number) => number[]
  /** Gives a bar another close from now on. */
  readonly revise: (openTimeMs: number) => void
  readonly revised: ReadonlySet<number>
}

export function createMarket(durMs: number): Market {
  const revised = new Set<number>()
  const row = (openTimeMs: number): number[] => {
    const n = openTimeMs / durMs
    const open = 100 + 10 * Math.sin(n / 7)
    const close = 100 + 10 * Math.sin((n + 1) / 7) + (revised.has(openTimeMs) ? 0.25 : 0)
    return [openTimeMs, open, Math.max(open, close) + 1, Math.min(open, close) - 1, close, 5 + (n % 3)]
  }
  return {
    row,
    revised,
    revise: (openTimeMs) => void revised.add(openTimeMs),
    rows(sinceMs, nowMs, limit) {
      const rows: number[][] = []
      for (let ms = Math.ceil(sinceMs / durMs) * durMs; ms <= nowMs && rows.length < limit; ms += durMs) {
        const whole = row(ms)
        // What has not closed shows values that are never the final ones.
        rows.push(ms + durMs > nowMs ? [ms, whole[1]!, whole[2]!, whole[3]!, whole[1]!, 0.5] : whole)
      }
      return rows
    },
  }
}
