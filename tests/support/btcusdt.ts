import { realCandles } from '../candles/support/real-candles.js'

export interface Columns {
  timestamp: number[]
  open: number[]
  high: number[]
  low: number[]
  close: number[]
  volume: number[]
}

/** Real hourly BTCUSDT candles 2021–2025 with the exchange's seven gaps: columns, epoch milliseconds. */
export function readBtcusdt(): Columns {
  const { openTimeMs, open, high, low, close, volume } = realCandles()
  return mapColumns({ timestamp: openTimeMs, open, high, low, close, volume } as unknown as Columns, (values) => Array.from(values))
}

/** The `nBars` bars that end with the one that opens at `lastMs`. */
export function endingAt(columns: Columns, lastMs: number, nBars: number): Columns {
  const last = columns.timestamp.indexOf(lastMs)
  return mapColumns(columns, (values) => values.slice(last + 1 - nBars, last + 1))
}

export function mapColumns(columns: Columns, change: (values: number[], name: keyof Columns) => number[]): Columns {
  return Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, change(values as number[], name as keyof Columns)]),
  ) as unknown as Columns
}

export function toRecords(columns: Columns): Record<string, number>[] {
  return columns.timestamp.map((_, bar) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, (values as number[])[bar]!])),
  )
}

export function toRows(columns: Columns): number[][] {
  return columns.timestamp.map((_, bar) => Object.values(columns).map((values) => (values as number[])[bar]!))
}

export function toCsvText(columns: Columns): string {
  return [Object.keys(columns).join(','), ...toRows(columns).map((row) => row.join(',')), ''].join('\n')
}
