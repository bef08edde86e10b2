import { durationMs, parseTimeframe, type Timeframe } from '../candles/timeframe.js'
import type { Problem, ProblemCode } from '../errors.js'
import type { Registry } from '../models/registry.js'
import type { Absence, NewAbsence } from '../store/log-store.js'
import { type Chosen, namesOf } from './choose-models.js'
import type { PredictRequest } from './predict.js'
import type { SkippedBar } from './skipped-bar.js'

/** Bars of one refused request that are noted. */
const mostBars = 100

/** Why bars that were asked for have no prediction now, as it is recorded. */
export function absencesOf(
  problem: Problem,
  request: PredictRequest,
  chosen: Chosen | undefined,
  registry: Pick<Registry, 'entry'>,
  nowMs: number,
): NewAbsence[] {
  const { code, message, extras } = problem
  if (code === 'model-unavailable') return unavailable(problem, request, registry, nowMs)
  if (chosen === undefined) return []
  const { symbol, timeframe } = chosen
  const row = (model: string, barTimeMs: number, reason: Absence, detail: string): NewAbsence => {
    return { symbol, timeframe, model, barTimeMs, reason, detail, recordedAtMs: nowMs }
  }
  if (code === 'gap' || code === 'not-enough-history') {
    const barTimeMs = typeof extras.bar_time === 'string' ? Date.parse(extras.bar_time) : NaN
    if (Number.isNaN(barTimeMs)) return []
    const lacking = Array.isArray(extras.models) ? (extras.models as string[]) : chosen.models.map(({ name }) => name)
    return chosen.models.map(({ name }) =>
      lacking.includes(name)
        ? row(name, barTimeMs, code, message)
        : row(name, barTimeMs, 'refused', `asked together with ${lacking[0]}, which could not answer: ${message}`),
    )
  }
  if (!refusals.has(code)) return []
  return barsOf(request, timeframe, nowMs).flatMap((barTimeMs) => chosen.models.map(({ name }) => row(name, barTimeMs, 'refused', message)))
}

/** What was sent cannot be predicted from, whatever the model. */
const refusals: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['bad-candle', 'conflicting-candle', 'feature-mismatch'])

/** Bars that were left out of an answer, as they are recorded. */
export function absencesOfSkipped(skipped: readonly SkippedBar[], { symbol, timeframe }: Chosen, nowMs: number): NewAbsence[] {
  return skipped.map(({ model, barTimeMs, code, detail }) => {
    const reason = code === 'feature-mismatch' ? 'refused' : code
    return { symbol, timeframe, model, barTimeMs, reason, detail, recordedAtMs: nowMs }
  })
}

/** The named models that are there and do not answer. What their candles are of is told by the request, or else by the manifest. */
function unavailable(problem: Problem, request: PredictRequest, registry: Pick<Registry, 'entry'>, nowMs: number): NewAbsence[] {
  return (namesOf(request) ?? []).flatMap((name) => {
    const entry = registry.entry(name)
    if (entry === undefined || entry.state === 'served') return []
    const manifest = entry.state === 'refused' ? entry.manifest : undefined
    const symbol = request.symbol ?? manifest?.symbol
    const timeframe = request.timeframe === undefined ? manifest?.timeframe : parseTimeframe(request.timeframe)
    if (symbol === undefined || timeframe === undefined) return []
    if (manifest !== undefined && ((manifest.timeframe ?? timeframe) !== timeframe || (manifest.symbol ?? symbol) !== symbol)) return []
    return barsOf(request, timeframe, nowMs).map((barTimeMs): NewAbsence => {
      return { symbol, timeframe, model: name, barTimeMs, reason: 'model-unavailable', detail: problem.message, recordedAtMs: nowMs }
    })
  })
}

/** Bars that a request names, or that can be told from what it sent; none where that takes reading. */
function barsOf({ bars = 'last', submission, features }: PredictRequest, timeframe: Timeframe, nowMs: number): number[] {
  const durMs = durationMs(timeframe)
  const isClosedBar = (ms: number) => ms % durMs === 0 && ms + durMs <= nowMs
  if (features !== undefined) return Array.from(features.openTimeMs).filter(isClosedBar).slice(0, mostBars)
  if (bars !== 'last') return 'times' in bars ? bars.times.filter(isClosedBar).slice(0, mostBars) : []
  let newest = -Infinity
  for (const ms of submission?.openTimeMs ?? []) if (ms > newest && isClosedBar(ms)) newest = ms
  return newest === -Infinity ? [] : [newest]
}
