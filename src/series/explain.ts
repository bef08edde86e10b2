import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { iso } from '../iso.js'
import type { ModelState, NewAbsence, Run } from '../store/log-store.js'

export const reasons = ['no-candles', 'gap', 'not-enough-history', 'refused', 'not-running', 'model-unavailable', 'not-asked'] as const
export type Reason = (typeof reasons)[number]

export interface Explanation {
  readonly reason: Reason
  /** One sentence. */
  readonly detail: string
}

/** What is known about the bars of a series and a model, apart from predictions. */
export interface Facts {
  readonly timeframe: Timeframe
  readonly absences: readonly NewAbsence[]
  /** All up to the last bar, oldest first. */
  readonly runs: readonly Run[]
  /** All up to the last bar, oldest first. */
  readonly states: readonly ModelState[]
  /** Open times of the stored bars, from the first window's first bar on: epoch milliseconds, rising. */
  readonly openTimeMs: Float64Array
  /** Open time of the oldest bar that is stored of the series; undefined: none is. */
  readonly oldestMs: number | undefined
  /** Bars that the model needs, ending at the one that is predicted from; undefined: nobody knows any more. */
  readonly windowBars: number | undefined
}

/**
 * Why there is no prediction of a bar. What was recorded when it happened comes first; then whether the service ran, and had the model, in the
 * time in which a live prediction would have been made: from the close of the bar to the close of the next one. Bars before the
 * service ran for the first time are explained by the candles. What remains is that nobody asked.
 */
export function createExplain(facts: Facts): (barTimeMs: number) => Explanation {
  const barMs = durationMs(facts.timeframe)
  const recorded = new Map<number, NewAbsence>()
  for (const absence of facts.absences) {
    const known = recorded.get(absence.barTimeMs)
    if (known === undefined || known.recordedAtMs <= absence.recordedAtMs) recorded.set(absence.barTimeMs, absence)
  }
  const beginningMs = facts.runs[0]?.fromMs ?? Infinity
  const stored = new Map(Array.from(facts.openTimeMs, (ms, bar) => [ms, bar]))

  return (barTimeMs) => {
    const absence = recorded.get(barTimeMs)
    if (absence !== undefined) return { reason: absence.reason, detail: absence.detail }
    const fromMs = barTimeMs + barMs
    const toMs = fromMs + barMs
    const isBefore = toMs <= beginningMs
    const because = isBefore ? undefined : (whyNotRunning(fromMs, toMs) ?? whyNoModel(fromMs, toMs))
    return because ?? whyNoWindow(barTimeMs) ?? (isBefore ? notYet : nobodyAsked)
  }

  function whyNotRunning(fromMs: number, toMs: number): Explanation | undefined {
    if (facts.runs.some((run) => run.fromMs < toMs && run.untilMs >= fromMs)) return undefined
    const before = facts.runs.findLast((run) => run.untilMs < fromMs)
    const after = facts.runs.find((run) => run.fromMs >= toMs)
    const since = before === undefined ? '' : ` from ${iso(before.untilMs)}, the last sign of life,`
    const until = after === undefined ? ' on' : ` to ${iso(after.fromMs)}`
    return { reason: 'not-running', detail: `The service did not run${since}${until}.` }
  }

  function whyNoModel(fromMs: number, toMs: number): Explanation | undefined {
    const { states } = facts
    const first = Math.max(
      0,
      states.findLastIndex((state) => state.fromMs <= fromMs),
    )
    const then = states.slice(first).filter((state) => state.fromMs < toMs)
    if (then.some(({ state }) => state === 'served')) return undefined
    const [known] = then
    const detail =
      known === undefined
        ? 'The service did not have this model yet.'
        : known.state === 'refused'
          ? `The model was refused from ${iso(known.fromMs)} on; GET /models says why.`
          : `The models directory did not have this model from ${iso(known.fromMs)} on.`
    return { reason: 'model-unavailable', detail }
  }

  function whyNoWindow(barTimeMs: number): Explanation | undefined {
    const { oldestMs, windowBars } = facts
    const bar = stored.get(barTimeMs)
    if (bar === undefined || oldestMs === undefined) return { reason: 'no-candles', detail: `No candle of ${iso(barTimeMs)} is stored.` }
    if (windowBars === undefined) return undefined
    const firstMs = barTimeMs - (windowBars - 1) * barMs
    if (facts.openTimeMs[bar - windowBars + 1] === firstMs) return undefined
    if (oldestMs > firstMs) {
      const detail = `${windowBars} candles are needed, from ${iso(firstMs)} on; the oldest that is stored is of ${iso(oldestMs)}.`
      return { reason: 'not-enough-history', detail }
    }
    return { reason: 'gap', detail: missingIn(firstMs, barTimeMs, windowBars) }
  }

  function missingIn(firstMs: number, lastMs: number, windowBars: number): string {
    const missing: string[] = []
    let count = 0
    for (let ms = firstMs; ms <= lastMs; ms += barMs) if (!stored.has(ms) && ++count <= mostNamed) missing.push(iso(ms))
    const named = `${missing.join(', ')}${count > missing.length ? ', …' : ''}`
    return `${count} of the ${windowBars} candles from ${iso(firstMs)} on ${count === 1 ? 'is' : 'are'} not stored: ${named}.`
  }
}

const mostNamed = 3

const notYet: Explanation = { reason: 'not-running', detail: 'The service had not run yet when this bar closed.' }
const nobodyAsked: Explanation = {
  reason: 'not-asked',
  detail: 'The service ran, the model was served and the candles are stored: nobody asked.',
}
