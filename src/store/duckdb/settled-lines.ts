import type { StoredOutcome } from '../outcome-store.js'
import type { Commit } from '../store.js'

/** Which bars outcomes are of, by line: what a commit tells its listeners. */
export function settledLines(outcomes: readonly StoredOutcome[]): NonNullable<Commit['settled']> {
  const lines = new Map<string, { symbol: string; timeframe: string; model: string; firstMs: number; lastMs: number }>()
  for (const { symbol, timeframe, model, barTimeMs } of outcomes) {
    const key = `${symbol}\n${timeframe}\n${model}`
    const line = lines.get(key)
    if (line === undefined) lines.set(key, { symbol, timeframe, model, firstMs: barTimeMs, lastMs: barTimeMs })
    else {
      line.firstMs = Math.min(line.firstMs, barTimeMs)
      line.lastMs = Math.max(line.lastMs, barTimeMs)
    }
  }
  return [...lines.values()]
}
