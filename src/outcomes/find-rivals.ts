import { invalidAt, Problem } from '../errors.js'
import type { OutcomeScan, OutcomeStore, PredictedSeries } from '../store/outcome-store.js'
import { type Compared, comparedOf } from './compared.js'
import { ruleOf } from './rule.js'

/** Two models on one series, and the bars that both predicted from and of which both predictions are settled. */
export interface Rivals {
  readonly champion: PredictedSeries
  readonly challenger: PredictedSeries
  /** Bars of the settled predictions of each, rising, epoch milliseconds. */
  readonly settledMs: readonly [champion: Float64Array, challenger: Float64Array]
  /** Columns of equal length, by bar time. Hits: 1 hit, 0 miss, 255 neither. */
  readonly common: { readonly barTimeMs: Float64Array; readonly hits: readonly [champion: Uint8Array, challenger: Uint8Array] }
}

export interface RivalsAsked {
  readonly champion: string
  readonly challenger: string
  readonly scan: Pick<OutcomeScan, 'symbol' | 'timeframe' | 'toMs'>
}

/**
 * The two models where their hits mean the same. When one of them changed its meaning under its name, the meaning counts that was settled last.
 * @throws Problem `not-found` when one has no prediction; `invalid-request` when hits cannot be compared, or can be on several series
 */
export async function findRivals(outcomes: Pick<OutcomeStore, 'predicted' | 'scan'>, asked: RivalsAsked): Promise<Rivals> {
  const { champion, challenger, scan } = asked
  if (champion === challenger) throw invalidAt('challenger', 'it is the champion itself')
  const champions = await seriesOf(outcomes, champion, scan)
  const challengers = await seriesOf(outcomes, challenger, scan)
  const onOneSeries = champions.flatMap((one) =>
    challengers.filter((other) => nameOf(one) === nameOf(other)).map((other) => [one, other] as const),
  )
  if (onOneSeries.length === 0)
    throw invalidAt(
      'challenger',
      `${champion} predicts ${inOne(namesOf(champions))}, ${challenger} ${inOne(namesOf(challengers))}: they have no series in common`,
    )
  const comparable = onOneSeries.filter(([one, other]) => isComparable(one, other))
  if (comparable.length === 0) {
    const [one, other] = onOneSeries[0]!
    throw invalidAt('challenger', `hits of ${champion} (${meaningOf(one)}) and of ${challenger} (${meaningOf(other)}) cannot be compared`)
  }
  const names = namesOf(comparable.map(([one]) => one))
  if (names.length > 1) throw invalidAt('symbol', `both predict ${inOne(names)}; name the symbol and the timeframe`)
  const found: Rivals[] = []
  for (const [one, other] of comparable) {
    const [rows, otherRows] = [await readSettled(outcomes, one, scan), await readSettled(outcomes, other, scan)]
    found.push({
      champion: one,
      challenger: other,
      settledMs: [rows.barTimeMs, otherRows.barTimeMs],
      common: inCommon(rows, otherRows),
    })
  }
  const lastMs = ({ common: { barTimeMs } }: Rivals) => barTimeMs.at(-1) ?? -Infinity
  return found.reduce((best, each) => (lastMs(each) > lastMs(best) ? each : best))
}

async function seriesOf(
  outcomes: Pick<OutcomeStore, 'predicted'>,
  model: string,
  scan: RivalsAsked['scan'],
): Promise<readonly PredictedSeries[]> {
  const found = await outcomes.predicted({ ...scan, model })
  if (found.length === 0) throw new Problem('not-found', `There is no prediction of ${model} that fits.`)
  return found
}

async function readSettled(
  outcomes: Pick<OutcomeStore, 'scan'>,
  series: PredictedSeries,
  { toMs }: RivalsAsked['scan'],
): Promise<Compared> {
  return comparedOf(await outcomes.scan(series, undefined, toMs))
}

/** Both tell a direction, or the same classes, over the same horizon. */
function isComparable(one: PredictedSeries, other: PredictedSeries): boolean {
  const [kind, otherKind] = [hitKindOf(one), hitKindOf(other)]
  return kind !== 'none' && kind === otherKind && one.horizonBars === other.horizonBars && bounds(one) === bounds(other)
}

function hitKindOf(series: PredictedSeries): 'direction' | 'class' | 'none' {
  const { kind, settlesNothing } = ruleOf({ ...series, yPred: new Float64Array(series.thresholds.length + 1) })
  if (settlesNothing !== undefined || kind === 'quantile') return 'none'
  return kind === 'classes' ? 'class' : 'direction'
}

function bounds({ thresholds }: PredictedSeries): string {
  return Array.from(thresholds).join()
}

function meaningOf(series: PredictedSeries): string {
  const { output, quantile, horizonBars } = series
  const of = quantile !== null ? `, quantile ${quantile}` : series.thresholds.length > 0 ? `, bounds ${bounds(series)}` : ''
  return `${output}${of}, ${horizonBars} bars ahead`
}

function nameOf({ symbol, timeframe }: PredictedSeries): string {
  return `${symbol} ${timeframe}`
}

function namesOf(series: readonly PredictedSeries[]): string[] {
  return [...new Set(series.map(nameOf))]
}

function inOne(names: readonly string[]): string {
  return names.slice(0, 10).join(', ')
}

/** @param one, other rows by rising bar time, each bar once */
function inCommon(one: Compared, other: Compared): Rivals['common'] {
  const rows: [number, number][] = []
  for (let i = 0, k = 0; i < one.nRows && k < other.nRows;) {
    const [a, b] = [one.barTimeMs[i]!, other.barTimeMs[k]!]
    if (a === b) rows.push([i, k])
    if (a <= b) i++
    if (b <= a) k++
  }
  return {
    barTimeMs: Float64Array.from(rows, ([i]) => one.barTimeMs[i]!),
    hits: [Uint8Array.from(rows, ([i]) => one.hit[i]!), Uint8Array.from(rows, ([, k]) => other.hit[k]!)],
  }
}
