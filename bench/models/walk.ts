import { columns } from '../../src/candles/column.js'
import type { Frame } from '../../src/candles/frame.js'
import { durationMs, type Timeframe } from '../../src/candles/timeframe.js'
import { createNormal, createRandom } from './random.js'

const startMs = Date.UTC(2025, 0, 1)

/** Candles of a random walk, from 2025 on, without a gap. */
export function createWalk(timeframe: Timeframe, nBars: number, seed: number): Frame {
  const normal = createNormal(createRandom(seed))
  const column = () => new Float64Array(nBars)
  const [openTimeMs, open, high, low, close, volume] = [column(), column(), column(), column(), column(), column()]
  let price = 100
  for (let bar = 0; bar < nBars; bar++) {
    openTimeMs[bar] = startMs + bar * durationMs(timeframe)
    open[bar] = cents(price)
    price *= Math.exp(0.002 * normal())
    close[bar] = cents(price)
    high[bar] = cents(Math.max(open[bar]!, close[bar]!) * (1 + Math.abs(normal()) * 5e-4))
    low[bar] = cents(Math.min(open[bar]!, close[bar]!) * (1 - Math.abs(normal()) * 5e-4))
    volume[bar] = cents(1000 * Math.exp(0.3 * normal()))
  }
  return { nBars, openTimeMs, open, high, low, close, volume }
}

/** Body of POST /predict: the window that ends with a bar, in columns. */
export function bodyOf(frame: Frame, lastBar: number, windowBars: number, target: Readonly<Record<string, string>>): string {
  const cut = (values: Float64Array) => Array.from(values.subarray(lastBar - windowBars + 1, lastBar + 1))
  const candles = Object.fromEntries(columns.map((name) => [name, cut(name === 'timestamp' ? frame.openTimeMs : frame[name])]))
  return JSON.stringify({ ...target, candles })
}

function cents(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
