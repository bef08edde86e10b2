import type { Frame } from '../../../src/candles/frame.js'
import { plainBaseFeatures } from './plain-base-features.js'
import { plainRecentFeatures } from './plain-recent-features.js'
import { plainRows } from './plain-rows.js'

/** Every feature of one bar by name, computed without any thought for speed. */
export function plainFeatures(frame: Frame, lastBar: number, baseBars: number, bufferBars: number): Map<string, number> {
  const all = new Map<string, number>()
  for (const [suffix, hours] of [
    ['1H', 1],
    ['4H', 4],
    ['12H', 12],
    ['1D', 24],
  ] as const) {
    const rows = plainRows(frame, lastBar, baseBars, bufferBars, hours)
    if (rows.length === 0) continue
    for (const [name, value] of plainBaseFeatures(rows)) all.set(`${name}_${suffix}`, value)
    for (const [name, value] of plainRecentFeatures(rows)) all.set(`${name}_${suffix}`, value)
  }
  return all
}
