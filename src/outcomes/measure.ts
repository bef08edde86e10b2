import type { PredictedSeries } from '../store/outcome-store.js'
import type { Compared } from './compared.js'
import { effectiveSampleSize } from './effective-sample-size.js'
import { empiricalQuantile } from './empirical-quantile.js'
import type { Measures, Scores } from './performance-schema.js'
import { rankCorrelation } from './rank-correlation.js'
import { ruleOf, type RuleKind } from './rule.js'

/** Probabilities are kept this far from 0 and 1 before their logarithm is taken, so that one that was sure and wrong costs 34.5, not everything. */
const clip = 1e-15

/**
 * How good predictions were, with what a forecaster without any skill would have reached on the same rows. Formulas are in docs/outcomes.md.
 * @param horizonMs length of the horizon
 */
export function measure(rows: Compared, meaning: Omit<PredictedSeries, 'symbol' | 'timeframe' | 'model'>, horizonMs: number): Measures {
  const kind = ruleOf({ ...meaning, yPred: new Float64Array(meaning.thresholds.length + 1) }).kind
  const { nRows: n, yPred, realised, hit } = rows
  const hits = count(hit, (value) => value === 1)
  const misses = count(hit, (value) => value === 0)
  const hitRate = kind === 'quantile' ? Number.NaN : hits / (hits + misses)
  const nEffective = effectiveSampleSize(rows.barTimeMs, horizonMs)
  const ic = kind === 'classes' ? Number.NaN : rankCorrelation(yPred, realised)
  const { scores, baseline } = scoresOf[kind](rows, meaning)
  return {
    n,
    effective_sample_size: nEffective,
    hits,
    misses,
    neither: kind === 'quantile' ? 0 : n - hits - misses,
    hit_rate: finite(hitRate),
    hit_rate_standard_error: finite(Math.sqrt((hitRate * (1 - hitRate)) / nEffective)),
    ic: finite(ic),
    ic_standard_error: finite(ic) === null || nEffective < 2 ? null : 1 / Math.sqrt(nEffective - 1),
    mean_realised: finite(mean(realised)),
    mean_drawdown: finite(mean(rows.drawdown.filter(Number.isFinite))),
    ...toScores(scores),
    baseline: { hit_rate: finite(baselineHitRate(rows, kind)), ...toScores(baseline) },
  }
}

type NumberScores = { readonly [Score in keyof Scores]?: number }
type Scorer = (rows: Compared, meaning: Pick<PredictedSeries, 'quantile'>) => { scores: NumberScores; baseline: NumberScores }

const scoresOf = { return: returnScores, quantile: quantileScores, probability: probabilityScores, classes: classScores } satisfies Record<
  RuleKind,
  Scorer
>

/** Beside it: y = 0. */
function returnScores({ yPred, realised }: Compared): ReturnType<Scorer> {
  const error = yPred.map((y, row) => y - realised[row]!)
  return {
    scores: { mae: mean(error.map(Math.abs)), rmse: Math.sqrt(mean(error.map(square))), mean_error: mean(error) },
    baseline: { mae: mean(realised.map(Math.abs)), rmse: Math.sqrt(mean(realised.map(square))), mean_error: -mean(realised) },
  }
}

/** Beside it: the quantile of the realised values themselves, known only afterwards. */
function quantileScores(rows: Compared, { quantile }: Pick<PredictedSeries, 'quantile'>): ReturnType<Scorer> {
  const { yPred, realised, covered } = rows
  const q = quantile ?? Number.NaN
  const climatology = empiricalQuantile(realised, q)
  const { scores, baseline } = returnScores(rows)
  return {
    scores: {
      ...scores,
      pinball_loss: mean(realised.map((r, row) => pinball(r - yPred[row]!, q))),
      coverage: share(covered, (c) => c === 1),
    },
    baseline: {
      ...baseline,
      pinball_loss: mean(realised.map((r) => pinball(r - climatology, q))),
      coverage: share(realised, (r) => r <= climatology),
    },
  }
}

/** Beside it: the share of rises among the rows, as the probability of each. */
function probabilityScores({ yPred, realised }: Compared): ReturnType<Scorer> {
  const event = realised.map((r) => (r > 0 ? 1 : 0))
  const rate = mean(event)
  const logLoss = (p: number, happened: number) => -Math.log(happened === 1 ? inside(p) : 1 - inside(p))
  return {
    scores: { brier: mean(yPred.map((p, row) => square(p - event[row]!))), log_loss: mean(yPred.map((p, row) => logLoss(p, event[row]!))) },
    baseline: {
      brier: mean(event.map((happened) => square(rate - happened))),
      log_loss: mean(event.map((happened) => logLoss(rate, happened))),
    },
  }
}

/** Beside it: the most frequent class, and the share of each class as its probability. */
function classScores({ nRows, classProbabilities, realisedClass, hit }: Compared): ReturnType<Scorer> {
  const shares = classProbabilities.map((_, k) => share(realisedClass, (realised) => realised === k))
  const losses = (p: (k: number, row: number) => number) =>
    mean(Float64Array.from({ length: nRows }, (_, row) => -Math.log(inside(p(realisedClass[row]!, row)))))
  return {
    scores: { accuracy: share(hit, (value) => value === 1), log_loss: losses((k, row) => classProbabilities[k]![row]!) },
    baseline: { accuracy: nRows === 0 ? Number.NaN : Math.max(...shares), log_loss: losses((k) => shares[k]!) },
  }
}

/** Always up; for classes the most frequent one, which is in `accuracy`. */
function baselineHitRate({ realised }: Compared, kind: RuleKind): number {
  const ups = count(realised, (r) => r > 0)
  if (kind === 'return') return ups / realised.length
  return kind === 'probability' ? ups / count(realised, (r) => r !== 0) : Number.NaN
}

/** Loss of a quantile forecast, by how far the realised value lies above it. */
function pinball(above: number, quantile: number): number {
  return above >= 0 ? quantile * above : (quantile - 1) * above
}

function inside(probability: number): number {
  return Math.min(1 - clip, Math.max(clip, probability))
}

function toScores(numbers: NumberScores): Scores {
  const of = (name: keyof Scores) => finite(numbers[name] ?? Number.NaN)
  return {
    mae: of('mae'),
    rmse: of('rmse'),
    mean_error: of('mean_error'),
    pinball_loss: of('pinball_loss'),
    coverage: of('coverage'),
    brier: of('brier'),
    log_loss: of('log_loss'),
    accuracy: of('accuracy'),
  }
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function share(values: Float64Array | Uint8Array | Int16Array, holds: (value: number) => boolean): number {
  return count(values, holds) / values.length
}

function count(values: Float64Array | Uint8Array | Int16Array, holds: (value: number) => boolean): number {
  let counted = 0
  for (const value of values) if (holds(value)) counted++
  return counted
}

function square(value: number): number {
  return value * value
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
