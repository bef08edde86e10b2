/** Timeframes that the features are computed on: suffix of the names, hours per row. */
export const timeframes = [
  { suffix: '1H', hours: 1 },
  { suffix: '4H', hours: 4 },
  { suffix: '12H', hours: 12 },
  { suffix: '1D', hours: 24 },
] as const

/** Rows that a lookback keeps: its last ⌊baseBars / hours⌋, at least one. */
export function rowsKept(baseBars: number, hours: number): number {
  return Math.max(1, Math.floor(baseBars / hours))
}
