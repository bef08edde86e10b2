import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { ScannedOutcomes } from '../store/outcome-store.js'
import type { Line, Store, StoredPrediction } from '../store/store.js'

/** Outcomes of so many bars before the prediction count. */
const lookbackBars = 500
/** With fewer settled ones nothing is known. */
const fewest = 10
const unknown = 50
/** What was scanned of a line takes some 20 kB. */
const maxLines = 200

/**
 * How often this model was right on this series, percent: the settled predictions of the 500 bars before this one whose likeliest class came true.
 * 50 while fewer than 10 are settled, as crypto_bot says when it knows nothing; unlike there it is measured, and not cut to 30 … 85.
 */
export type AccuracyEstimate = (prediction: StoredPrediction) => Promise<number>

/**
 * What was scanned is kept until an outcome of the line is recorded, or one of its predictions is superseded: predictions that are newer than it are
 * not settled then. So the first answer after a new bar need not scan (6 ms).
 */
export function createAccuracyEstimate({ outcomes, onCommit }: Pick<Store, 'outcomes' | 'onCommit'>): AccuracyEstimate {
  const scanned = new Map<string, { readonly fromMs: number; readonly meaning: string; readonly rows: Promise<ScannedOutcomes> }>()
  onCommit(({ predictions, outcomes, settled }) => {
    for (const prediction of predictions) if (prediction.supersedes !== null) scanned.delete(keyOf(prediction))
    if (outcomes > 0 && settled === undefined) scanned.clear()
    for (const line of settled ?? []) scanned.delete(keyOf(line))
  })

  return async (prediction) => {
    const { barTimeMs, timeframe } = prediction
    const fromMs = barTimeMs - lookbackBars * durationMs(timeframe as Timeframe)
    const { nRows, status, hit, barTimeMs: times } = await scan(prediction, fromMs)
    let settled = 0
    let right = 0
    for (let row = 0; row < nRows; row++) {
      if (status[row] !== 1 || hit[row] === 255 || times[row]! < fromMs || times[row]! >= barTimeMs) continue
      settled++
      right += hit[row]!
    }
    return settled < fewest ? unknown : (100 * right) / settled
  }

  /** At least the outcomes that are known from a time on; those up to the newest prediction. */
  function scan(prediction: StoredPrediction, fromMs: number): Promise<ScannedOutcomes> {
    const key = keyOf(prediction)
    const meaning = meaningOf(prediction)
    const there = scanned.get(key)
    if (there !== undefined && there.meaning === meaning && there.fromMs <= fromMs) return there.rows
    const rows = outcomes.scan(prediction, fromMs)
    const kept = { fromMs, meaning, rows }
    scanned.delete(key)
    scanned.set(key, kept)
    rows.catch(() => scanned.get(key) === kept && scanned.delete(key))
    for (const oldest of scanned.keys()) {
      if (scanned.size <= maxLines) break
      scanned.delete(oldest)
    }
    return rows
  }
}

function keyOf({ symbol, timeframe, model }: Line): string {
  return `${symbol}\n${timeframe}\n${model}`
}

/** What is scanned is of one meaning: a model that changed it begins anew. */
function meaningOf({ output, quantile, horizonBars, thresholds }: StoredPrediction): string {
  return `${output} ${quantile} ${horizonBars} ${thresholds.join()}`
}
