import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { Output } from '../models/model.js'
import type { OutcomeStore, PredictedSeries } from '../store/outcome-store.js'
import { effectiveSampleSize } from './effective-sample-size.js'
import { findRivals, type Rivals, type RivalsAsked } from './find-rivals.js'
import { firstNotBelow } from './first-not-below.js'
import type { Promotion } from './promotion-schema.js'

export interface PromotionRequest extends RivalsAsked {
  readonly hours: number
  readonly minImprovement: number
  /** Undefined: half of the bars that fit into `hours`. */
  readonly minBars: number | undefined
}

const hourMs = 3_600_000

/**
 * Whether a challenger's hit rate is so much above a champion's that it should take its place: over the bars that both predicted from and that
 * settled, in the hours up to the newest of them. It only says so.
 * @throws Problem `not-found` when one of them has no prediction; `invalid-request` when their hits cannot be compared, or can be on several series
 */
export async function promotion(outcomes: Pick<OutcomeStore, 'predicted' | 'scan'>, request: PromotionRequest): Promise<Promotion> {
  const { hours, minImprovement } = request
  const rivals = await findRivals(outcomes, request)
  const { symbol, timeframe, horizonBars } = rivals.champion
  const barMs = durationMs(timeframe as Timeframe)
  const minBars = request.minBars ?? Math.max(1, Math.ceil((hours * hourMs) / barMs / 2))
  const { barTimeMs, hits, settled, isLong } = lastHours(rivals, hours * hourMs - barMs)
  const nEffective = effectiveSampleSize(barTimeMs, horizonBars * barMs)
  const champion = describeSide(rivals.champion, settled[0], hits[0])
  const challenger = describeSide(rivals.challenger, settled[1], hits[1])
  const improvement = champion.hit_rate === null || challenger.hit_rate === null ? null : challenger.hit_rate - champion.hit_rate
  const bars = barTimeMs.length
  const reason =
    bars === 0 ? 'no-bars-in-common' : !isLong ? 'too-short' : bars < minBars ? 'too-few-bars' : improvement === null ? 'no-hit-rate' : null
  // Rates are fractions of whole numbers: what is equal by them may differ in the last bits.
  const promote = reason === null && improvement! - minImprovement > 1e-12
  const measured = { bars, hours, minBars, minImprovement, improvement, first: iso(rivals.common.barTimeMs[0]) }
  return {
    promote,
    decided: reason === null,
    reason,
    detail: reason === null ? decided(promote, measured) : undecidedBecause[reason](measured),
    rule:
      `promote when the hit rate of the challenger is more than ${minImprovement} above that of the champion, over the bars that both ` +
      `predicted from and that settled, in the ${hours} hours up to the newest of them`,
    symbol,
    timeframe,
    horizon_bars: horizonBars,
    hours,
    min_improvement: minImprovement,
    min_bars: minBars,
    from: iso(barTimeMs[0]),
    to: iso(barTimeMs.at(-1)),
    bars,
    effective_sample_size: nEffective,
    improvement,
    improvement_standard_error: standardError(hits, nEffective),
    champion,
    challenger,
  }
}

/** The bars in common whose open is at most `spanMs` before that of the newest, and how many settled ones each model has there. */
function lastHours({ common, settledMs }: Rivals, spanMs: number) {
  const { barTimeMs, hits } = common
  const newestMs = barTimeMs.at(-1) ?? Number.NaN
  const fromMs = newestMs - Math.max(0, spanMs)
  const first = firstNotBelow(barTimeMs, fromMs)
  const countOf = (times: Float64Array) => firstNotBelow(times, newestMs + 1) - firstNotBelow(times, fromMs)
  return {
    barTimeMs: barTimeMs.subarray(first),
    hits: [hits[0].subarray(first), hits[1].subarray(first)] as const,
    settled: [countOf(settledMs[0]), countOf(settledMs[1])] as const,
    isLong: barTimeMs.length > 0 && barTimeMs[0]! <= fromMs,
  }
}

function describeSide({ model, output }: PredictedSeries, settled: number, hit: Uint8Array): Promotion['champion'] {
  const count = (value: number) => hit.reduce((sum, each) => (each === value ? sum + 1 : sum), 0)
  const [hits, misses] = [count(1), count(0)]
  const hitRate = hits + misses === 0 ? null : hits / (hits + misses)
  return { model, output: output as Output, settled, hits, misses, neither: hit.length - hits - misses, hit_rate: hitRate }
}

/** Of the mean difference, hit by hit, over rows that are a hit or a miss for both: √(variance / n), n being the effective sample size. */
function standardError([one, other]: Rivals['common']['hits'], nEffective: number): number | null {
  const differences = Array.from(one, (hit, row) => other[row]! - hit).filter((_, row) => one[row] !== 255 && other[row] !== 255)
  if (differences.length === 0) return null
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt((mean(differences.map((value) => value * value)) - mean(differences) ** 2) / nEffective)
}

interface Measured extends Pick<PromotionRequest, 'hours' | 'minImprovement'> {
  readonly bars: number
  readonly minBars: number
  readonly improvement: number | null
  readonly first: string | null
}

function decided(promote: boolean, { bars, improvement, minImprovement }: Measured): string {
  const rate = `over ${bars} bars the hit rate of the challenger is ${percent(Math.abs(improvement!))} points ${improvement! < 0 ? 'lower' : 'higher'}`
  return `${rate}, ${promote ? 'which is more than' : 'and it takes more than'} ${percent(minImprovement)}`
}

const undecidedBecause: Readonly<Record<NonNullable<Promotion['reason']>, (measured: Measured) => string>> = {
  'no-bars-in-common': () => 'no bar has settled predictions of both',
  'too-short': ({ first, hours }) => `the first bar in common is that of ${first}: they have not run beside each other for ${hours} hours`,
  'too-few-bars': ({ bars, minBars, hours }) =>
    `only ${bars} bars in common are settled in the last ${hours} hours, and it takes ${minBars}`,
  'no-hit-rate': () => 'one of the two has neither hits nor misses',
}

/** Percentage points, without the digits that binary fractions add. */
function percent(rate: number): string {
  return String(Number((rate * 100).toPrecision(6)))
}

function iso(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : new Date(epochMs).toISOString()
}
