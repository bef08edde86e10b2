import type { Test } from 'tap'
import type { Frame } from '../../../src/candles/frame.js'
import type { Catalogue } from '../../../src/features/catalogue.js'

/** The values of the last bar, computed from the last `baseBars` bars. */
export function row(catalogue: Catalogue, names: readonly string[], frame: Frame, baseBars: number): Float64Array {
  const out = new Float64Array(names.length)
  catalogue.compile(names, { baseBars, bufferBars: 0 }).compute(frame, frame.nBars - 1, out)
  return out
}

/** Equal up to `tolerance`, relative to the expected value (absolute below 1). */
export function closeTo(t: Test, value: number, expected: number, tolerance: number, name: string): void {
  t.ok(Math.abs(value - expected) <= tolerance * Math.max(1, Math.abs(expected)), `${name}: ${value} and ${expected}`)
}
