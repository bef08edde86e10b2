import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Frame } from '../../../src/candles/frame.js'

export type Bar = readonly [open: number, high: number, low: number, close: number, volume: number]

export const hourMs = 3_600_000

/** Hourly bars without gaps from `startMs` on. */
export function frameOf(bars: readonly Bar[], startMs: number): Frame {
  const column = (index: number) => Float64Array.from(bars, (bar) => bar[index]!)
  return {
    nBars: bars.length,
    openTimeMs: Float64Array.from(bars, (_, i) => startMs + i * hourMs),
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(3),
    volume: column(4),
  }
}

/** Bars that follow from closes: each opens at the close before, with wicks of `wick` (a share of the price) to both sides. */
export function barsOf(closes: readonly number[], wick = 0.002, volume: (i: number) => number = (i) => 10 + ((17 * i) % 41)): Bar[] {
  return closes.map((c, i) => {
    const o = closes[i - 1] ?? c
    const top = Math.max(o, c)
    const bottom = Math.min(o, c)
    return [o, top + top * wick * (1 + ((7 * i) % 5)), bottom - bottom * wick * (1 + ((3 * i) % 4)), c, volume(i)] as const
  })
}

/** The frame of the worked values: exact in binary, hourly from 2025-03-03 05:00 UTC. */
export function workedFrame(nBars: number): Frame {
  const close = (i: number) => 1000 + ((37 * i) % 101) - ((13 * i) % 29) + 0.5 * (i % 4)
  const bars = Array.from({ length: nBars }, (_, i): Bar => {
    const o = i === 0 ? 1000 : close(i - 1)
    const c = close(i)
    return [o, Math.max(o, c) + 1 + ((7 * i) % 5), Math.min(o, c) - 1 - ((3 * i) % 4), c, 10 + ((17 * i) % 41)]
  })
  return frameOf(bars, Date.UTC(2025, 2, 3, 5))
}

/** BTCUSDT, hourly, 2021–2025, with the exchange's seven gaps. */
export function marketFrame(): Frame {
  const rows = fixtureText('btcusdt_1h_2021_2025.csv.gz')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
  const column = (index: number) => Float64Array.from(rows, (row) => Number(row[index]))
  return {
    nBars: rows.length,
    openTimeMs: Float64Array.from(rows, (row) => stampMs(row[0]!)),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  }
}

export interface GoldenRow {
  readonly ts: string
  readonly base_hours: number
  readonly buffer_hours: number
  readonly bars: Readonly<Record<string, number>>
  readonly features: Readonly<Record<string, number | string | null>>
}

/** What the pipeline itself computed for 41 of those bars. */
export function goldenRows(): GoldenRow[] {
  return fixtureText('features_btcusdt_1h.jsonl.gz')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as GoldenRow)
}

/** `2025-09-29 22:00:00`, UTC. */
export function stampMs(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`)
}

function fixtureText(name: string): string {
  return gunzipSync(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url))).toString()
}
