import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { OutcomeStore } from '../store/outcome-store.js'
import type { StoredPrediction } from '../store/store.js'

/** Outcomes of so many bars before the prediction count. */
const lookbackBars = 500
/** With fewer settled ones nothing is known. */
const fewest = 10
const unknown = 50

/**
 * How often this model was right on this series, percent: the settled predictions of the 500 bars before this one whose likeliest class came true.
 * 50 while fewer than 10 are settled, as crypto_bot says when it knows nothing; unlike there it is measured, and not cut to 30 … 85.
 */
export async function accuracyEstimate(outcomes: Pick<OutcomeStore, 'scan'>, prediction: StoredPrediction): Promise<number> {
  const { barTimeMs, timeframe } = prediction
  const fromMs = barTimeMs - lookbackBars * durationMs(timeframe as Timeframe)
  const { nRows, status, hit } = await outcomes.scan(prediction, fromMs, barTimeMs - 1)
  let settled = 0
  let right = 0
  for (let row = 0; row < nRows; row++) {
    if (status[row] !== 1 || hit[row] === 255) continue
    settled++
    right += hit[row]!
  }
  return settled < fewest ? unknown : (100 * right) / settled
}
