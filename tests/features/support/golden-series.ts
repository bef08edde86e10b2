import type { Frame } from '../../../src/candles/frame.js'

/**
 * The made-up market behind the golden values of the small catalogues: integers modulo 65,537, so that every language with IEEE doubles makes
 * the same bars.
 * @param barMs distance of the open times, which begin at 2025-01-01
 */
export function goldenSeries(nBars: number, barMs = 60_000): Frame {
  const column = () => new Float64Array(nBars)
  const frame = { nBars, openTimeMs: column(), open: column(), high: column(), low: column(), close: column(), volume: column() }
  let x = 1
  const draw = () => (x = (75 * x + 74) % 65_537)
  let previous = 100
  for (let i = 0; i < nBars; i++) {
    const [a, b, c, d] = [draw(), draw(), draw(), draw()]
    const close = previous * (1 + (a / 65_537 - 0.5) * 0.02)
    frame.openTimeMs[i] = Date.UTC(2025, 0, 1) + i * barMs
    frame.open[i] = previous
    frame.close[i] = close
    frame.high[i] = Math.max(previous, close) * (1 + (b / 65_537) * 0.005)
    frame.low[i] = Math.min(previous, close) * (1 - (c / 65_537) * 0.005)
    frame.volume[i] = 1000 + (d % 500)
    previous = close
  }
  return frame
}
