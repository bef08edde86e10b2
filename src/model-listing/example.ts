import { durationMs } from '../candles/timeframe.js'
import type { Manifest } from '../models/model.js'
import type { ModelAnswer } from './schema.js'

/** The last bar of every example opens before this, so that it is closed by any server's clock. */
const endMs = Date.UTC(2025, 0, 1)

/** A request that the model answers as it stands: made-up candles, the same ones every time, as many as the model needs. */
export function exampleRequest(name: string, manifest: Manifest): NonNullable<ModelAnswer['example']> {
  const { baseBars, bufferBars } = manifest.features
  return {
    method: 'POST',
    path: '/predict?store=false',
    content_type: 'application/json',
    body: {
      model: name,
      symbol: manifest.symbol ?? 'BTCUSDT',
      timeframe: manifest.timeframe,
      candles: madeUpCandles(baseBars + bufferBars, durationMs(manifest.timeframe)),
    },
  }
}

/** Columns of a market that swings around 50,000; prices and volumes with two decimals. */
function madeUpCandles(nBars: number, barMs: number) {
  const bars = Array.from({ length: nBars }, (_, bar) => bar)
  const price = (at: number) => 50_000 + 4_000 * Math.sin(at / 97) + 900 * Math.sin(at / 11) + 250 * Math.sin(at * 1.7)
  const round = (value: number) => Math.round(value * 100) / 100
  const lastOpenMs = Math.floor(endMs / barMs - 1) * barMs
  return {
    timestamp: bars.map((bar) => lastOpenMs - (nBars - 1 - bar) * barMs),
    open: bars.map((bar) => round(price(bar))),
    high: bars.map((bar) => round(Math.max(price(bar), price(bar + 1)) + 60)),
    low: bars.map((bar) => round(Math.min(price(bar), price(bar + 1)) - 60)),
    close: bars.map((bar) => round(price(bar + 1))),
    volume: bars.map((bar) => round(120 + 80 * Math.sin(bar / 5) ** 2)),
  }
}
