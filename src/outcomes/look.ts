import { performance } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { Settleable, SettleableQuery, StoredOutcome } from '../store/outcome-store.js'
import type { Store } from '../store/store.js'
import { createBarWindow } from './bar-window.js'
import { isSameOutcome } from './is-same-outcome.js'
import { settle } from './settle.js'

export interface Looking {
  readonly store: { readonly candles: Pick<Store['candles'], 'read'>; readonly outcomes: Pick<Store['outcomes'], 'settleable'> }
  readonly query: SettleableQuery
  /** The longest horizon among the predictions, bars. */
  readonly longestBars: number
  /** Open time of the newest stored bar; −Infinity: there is none. */
  readonly newestMs: number
  readonly nowMs: () => number
  /** Throws when the work shall end here. */
  readonly goOn: () => void
}

/** About so many predictions are held at a time: reading them takes some milliseconds. */
const rowsPerBlock = 500
/** Where there are few predictions, blocks are longer; not so long that what follows could not be held. */
const maxBarsPerBlock = 4_096
/** Longest stretch of work without giving the event loop its turn, milliseconds. */
const turnAfterMs = 4

/** Settles predictions of one series, block by block through time; yields the outcomes that are not what is stored. */
export async function* look(looking: Looking): AsyncGenerator<StoredOutcome[]> {
  const { store, query, longestBars, newestMs, nowMs, goOn } = looking
  const barMs = durationMs(query.timeframe as Timeframe)
  const bars = createBarWindow(store.candles, query, barMs)
  let nBars = 64
  let fromMs = query.fromMs
  while (fromMs <= query.toMs) {
    goOn()
    const toMs = Math.min(query.toMs, fromMs + (nBars - 1) * barMs)
    const predictions = await store.outcomes.settleable({ ...query, fromMs, toMs })
    if (predictions.length > 0) {
      const frame = await bars.covering(fromMs, Math.max(toMs, Math.min(newestMs, toMs + longestBars * barMs)))
      const different = await settleAll(predictions, (each) => settle(each, frame, newestMs, nowMs()))
      if (different.length > 0) yield different
    }
    nBars = nextSize(nBars, predictions.length)
    fromMs = toMs + barMs
  }
}

async function settleAll(
  predictions: readonly Settleable[],
  settleOne: (prediction: Settleable) => StoredOutcome | undefined,
): Promise<StoredOutcome[]> {
  const different: StoredOutcome[] = []
  let since = performance.now()
  for (const prediction of predictions) {
    const outcome = settleOne(prediction)
    if (outcome !== undefined && !isSameOutcome(outcome, prediction.outcome)) different.push(outcome)
    if (performance.now() - since > turnAfterMs) {
      await turn()
      since = performance.now()
    }
  }
  return different
}

/** Towards `rowsPerBlock` rows; where there are none, time passes ever quicker. */
function nextSize(nBars: number, nRows: number): number {
  const wanted = nRows === 0 ? 4 * nBars : Math.round((nBars * rowsPerBlock) / nRows)
  return Math.max(1, Math.min(wanted, 4 * nBars, maxBarsPerBlock))
}
