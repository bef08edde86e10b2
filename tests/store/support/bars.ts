import type { Frame } from '../../../src/candles/frame.js'
import { firstBarMs, hourMs } from './prediction.js'

/** So many bars of one hour from `firstBarMs` on, whose prices and volume all are `value`. */
export function bars(nBars: number, value: number, fromMs = firstBarMs): Frame {
  const column = () => new Float64Array(nBars).fill(value)
  return {
    nBars,
    openTimeMs: Float64Array.from({ length: nBars }, (_, k) => fromMs + k * hourMs),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  }
}
