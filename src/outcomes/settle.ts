import type { Frame } from '../candles/frame.js'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { iso } from '../iso.js'
import type { Settleable, StoredOutcome } from '../store/outcome-store.js'
import { firstNotBelow } from './first-not-below.js'
import { judge } from './judge.js'
import { ruleOf } from './rule.js'
import { worstDrawdown } from './worst-drawdown.js'

/**
 * What came of a prediction, from the candles of its bar, of the bar at its horizon and of every bar between: bars by time, not by position.
 * A candle in a frame is closed, so nothing settles before the bar at the horizon has closed. When a later bar is known but one of these
 * is missing, the prediction is unsettleable, until somebody fills the gap.
 * @param candles bars of the prediction's series, at least those that are stored from its bar to its horizon
 * @param newestMs open time of the newest bar that the series has; −Infinity: it has none
 * @param nowMs when it is settled, epoch milliseconds
 * @returns undefined: pending
 */
export function settle(prediction: Settleable, candles: Frame, newestMs: number, nowMs: number): StoredOutcome | undefined {
  const { barTimeMs, horizonBars } = prediction
  const barMs = durationMs(prediction.timeframe as Timeframe)
  const endMs = barTimeMs + horizonBars * barMs
  const rule = ruleOf(prediction)
  if (newestMs < endMs) return undefined
  if (rule.settlesNothing !== undefined) return outcomeOf(prediction, nowMs, rule.name, { reason: rule.settlesNothing })

  const first = firstNotBelow(candles.openTimeMs, barTimeMs)
  const end = firstNotBelow(candles.openTimeMs, endMs + 1)
  const entryClose = candles.openTimeMs[first] === barTimeMs ? candles.close[first]! : null
  const exitClose = end > first && candles.openTimeMs[end - 1] === endMs ? candles.close[end - 1]! : null
  const nMissing = horizonBars + 1 - (end - first)
  if (nMissing > 0 || entryClose === null || exitClose === null) {
    const reason = whatIsMissing(candles.openTimeMs, first, end, { barTimeMs, endMs, barMs, nMissing, horizonBars })
    return outcomeOf(prediction, nowMs, rule.name, { reason, entryClose, exitClose })
  }

  const { direction, ...judged } = judge(prediction, rule, entryClose, exitClose)
  const drawdown = direction === 0 ? null : worstDrawdown(candles, first, end - 1, direction)
  return outcomeOf(prediction, nowMs, rule.name, { status: 'settled', entryClose, exitClose, drawdown, ...judged })
}

/** An outcome that has nothing but what is given. */
function outcomeOf(prediction: Settleable, nowMs: number, rule: string, fields: Partial<StoredOutcome>): StoredOutcome {
  const { predictionId, symbol, timeframe, model, barTimeMs } = prediction
  return {
    predictionId,
    symbol,
    timeframe,
    model,
    barTimeMs,
    status: 'unsettleable',
    rule,
    reason: null,
    entryClose: null,
    exitClose: null,
    realised: null,
    error: null,
    hit: null,
    covered: null,
    realisedClass: null,
    drawdown: null,
    settledAtMs: nowMs,
    ...fields,
  }
}

interface Needed {
  readonly barTimeMs: number
  readonly endMs: number
  readonly barMs: number
  readonly nMissing: number
  readonly horizonBars: number
}

function whatIsMissing(times: Float64Array, first: number, end: number, needed: Needed): string {
  const { barTimeMs, endMs, barMs, nMissing, horizonBars } = needed
  let missingMs = barTimeMs
  for (let bar = first; bar < end && times[bar] === missingMs; bar++) missingMs += barMs
  const span = `from ${iso(barTimeMs)} to ${iso(endMs)}`
  return `${nMissing} of the ${horizonBars + 1} candles ${span} ${nMissing === 1 ? 'is' : 'are'} missing, the first at ${iso(missingMs)}`
}
