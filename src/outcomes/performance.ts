import { performance as clock } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { Output } from '../models/model.js'
import type { OutcomeScan, OutcomeStore, PredictedSeries, ScannedOutcomes } from '../store/outcome-store.js'
import { calibrate } from './bins.js'
import type { ClassNames } from './class-names.js'
import { classTable } from './class-table.js'
import { type Compared, comparedOf, sliceOf } from './compared.js'
import { firstNotBelow } from './first-not-below.js'
import { measure } from './measure.js'
import type { Counts, Measures, PerformanceOfOne } from './performance-schema.js'
import { ruleOf } from './rule.js'
import { type Window, windowEnds } from './window.js'

/** How good each model was on each series, from what is settled. */
export async function performanceOf(
  outcomes: Pick<OutcomeStore, 'predicted' | 'scan'>,
  scan: OutcomeScan,
  window: Window,
  classNames: ClassNames,
): Promise<PerformanceOfOne[]> {
  const found: PerformanceOfOne[] = []
  for (const series of await outcomes.predicted(scan)) {
    found.push(await performanceOfOne(series, await outcomes.scan(series, scan.fromMs, scan.toMs), window, classNames(series)))
  }
  return found
}

async function performanceOfOne(
  series: PredictedSeries,
  scanned: ScannedOutcomes,
  window: Window,
  names: readonly string[] | null,
): Promise<PerformanceOfOne> {
  const horizonMs = series.horizonBars * durationMs(series.timeframe as Timeframe)
  const compared = comparedOf(scanned)
  const measured = (rows: Compared) => measure(rows, series, horizonMs)
  const rolling = await inTurns(windowEnds(compared.barTimeMs, window), ({ first, end }) => {
    const rows = sliceOf(compared, first, end)
    return { ...spanOf(rows), ...measured(rows) }
  })
  const monthly = await inTurns(monthsOf(scanned.barTimeMs), ({ month, first, end }) => {
    const [from, to] = [Date.parse(`${month}-01T00:00:00Z`), nextMonthMs(month)]
    const rows = sliceOf(compared, firstNotBelow(compared.barTimeMs, from), firstNotBelow(compared.barTimeMs, to))
    return { month, counts: countsOf(scanned.status.subarray(first, end)), ...measured(rows) }
  })
  return {
    ...describeSeries(series),
    ...spanOf(compared),
    counts: countsOf(scanned.status),
    ...measured(compared),
    calibration: series.output === 'probability_up' && compared.nRows > 0 ? calibrate(compared.yPred, compared.realised.map(isRise)) : [],
    classes: series.output === 'class_probabilities' ? classTable(compared, series.thresholds, names) : [],
    monthly,
    rolling,
  }
}

/** What the predictions are of, as every answer about them begins. */
export function describeSeries(series: PredictedSeries) {
  const { model, symbol, timeframe, output, quantile, thresholds, horizonBars } = series
  return {
    model,
    symbol,
    timeframe,
    output: output as Output,
    quantile,
    thresholds: Array.from(thresholds),
    horizon_bars: horizonBars,
    rule: ruleOf({ ...series, yPred: new Float64Array(thresholds.length + 1) }).name,
  }
}

function spanOf({ barTimeMs, nRows }: Compared): { from: string | null; to: string | null } {
  const iso = (ms: number) => new Date(ms).toISOString()
  return nRows === 0 ? { from: null, to: null } : { from: iso(barTimeMs[0]!), to: iso(barTimeMs[nRows - 1]!) }
}

function countsOf(status: Uint8Array): Counts {
  const counts = [0, 0, 0]
  for (const each of status) counts[each]!++
  return { predictions: status.length, pending: counts[0]!, settled: counts[1]!, unsettleable: counts[2]! }
}

/** The months (UTC) that have predictions, with their rows. */
function monthsOf(barTimeMs: Float64Array): { month: string; first: number; end: number }[] {
  const months: { month: string; first: number; end: number }[] = []
  for (let first = 0; first < barTimeMs.length; first = months.at(-1)!.end) {
    const month = new Date(barTimeMs[first]!).toISOString().slice(0, 7)
    months.push({ month, first, end: firstNotBelow(barTimeMs, nextMonthMs(month)) })
  }
  return months
}

function nextMonthMs(month: string): number {
  const [year, of] = month.split('-').map(Number) as [number, number]
  return Date.UTC(year, of, 1)
}

function isRise(realised: number): number {
  return realised > 0 ? 1 : 0
}

const turnAfterMs = 5

/** Maps a list, and gives the event loop its turn now and then. */
async function inTurns<Item, Result extends Measures>(items: readonly Item[], each: (item: Item) => Result): Promise<Result[]> {
  const results: Result[] = []
  let since = clock.now()
  for (const item of items) {
    results.push(each(item))
    if (clock.now() - since < turnAfterMs) continue
    await turn()
    since = clock.now()
  }
  return results
}
