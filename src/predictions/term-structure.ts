import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { ServedModel } from '../models/model.js'
import type { Registry } from '../models/registry.js'
import type { NewPrediction } from '../store/store.js'
import { familyOf, familyRank } from './family-rank.js'
import type { SkippedBar } from './skipped-bar.js'
import { targetFilter } from './target-filter.js'

/** One horizon of one bar: who answered for it, and why others did not. */
export interface Term {
  readonly barTimeMs: number
  readonly horizonBars: number
  readonly settlesAtMs: number
  /** Undefined: none of the families answered. */
  readonly prediction: NewPrediction | undefined
  readonly family: string | undefined
  readonly passedOver: readonly { readonly model: string; readonly family: string | null; readonly reason: string }[]
}

export interface TermsAsked {
  readonly target: string
  /** Families in the order in which they are asked; undefined: every model has a row of its own. */
  readonly familyPriority: readonly string[] | undefined
  readonly models: readonly ServedModel[]
  readonly predictions: readonly NewPrediction[]
  readonly skipped: readonly SkippedBar[]
  readonly registry: Pick<Registry, 'entries'>
}

/** Predictions of a target by bar, then horizon. With family priorities one row per horizon: the first family whose prediction is finite. */
export function termStructure(asked: TermsAsked): Term[] {
  const { familyPriority, models, predictions, skipped } = asked
  const byName = new Map(models.map((model) => [model.name, model]))
  const bars = [...new Set([...predictions, ...skipped].map(({ barTimeMs }) => barTimeMs))].sort((a, b) => a - b)
  if (familyPriority === undefined) {
    return predictions
      .map((prediction) => termOf(prediction, prediction.barTimeMs, prediction.horizonBars, byName.get(prediction.model), []))
      .sort((a, b) => a.barTimeMs - b.barTimeMs || a.horizonBars - b.horizonBars)
  }
  const rank = ({ manifest }: ServedModel) => familyRank(manifest, familyPriority)
  const ordered = [...models].sort((a, b) => rank(a) - rank(b))
  const refused = refusedOf(asked, familyPriority)
  const horizons = [...new Set([...models.map(({ manifest }) => manifest.horizonBars), ...refused.map(({ horizonBars }) => horizonBars)])]
  return bars.flatMap((barTimeMs) =>
    horizons
      .sort((a, b) => a - b)
      .map((horizonBars) => {
        const passedOver: { model: string; family: string | null; reason: string; rank: number }[] = refused.filter(
          (each) => each.horizonBars === horizonBars,
        )
        for (const model of ordered.filter(({ manifest }) => manifest.horizonBars === horizonBars)) {
          const made = predictions.find((each) => each.model === model.name && each.barTimeMs === barTimeMs)
          if (made !== undefined && made.yPred.every(Number.isFinite)) {
            const before = passedOver.filter((each) => each.rank <= rank(model))
            return termOf(made, barTimeMs, horizonBars, model, before)
          }
          const why = skipped.find((each) => each.model === model.name && each.barTimeMs === barTimeMs)
          const reason = made === undefined ? `${why?.code ?? 'skipped'}: ${why?.detail ?? ''}` : 'its prediction is not finite'
          passedOver.push({ model: model.name, family: familyOf(model.manifest), reason, rank: rank(model) })
        }
        return termOf(undefined, barTimeMs, horizonBars, ordered[0], passedOver)
      }),
  )
}

function termOf(
  prediction: NewPrediction | undefined,
  barTimeMs: number,
  horizonBars: number,
  model: ServedModel | undefined,
  passedOver: readonly { model: string; family: string | null; reason: string; rank: number }[],
): Term {
  const barMs = durationMs((prediction?.timeframe ?? model!.manifest.timeframe) as Timeframe)
  return {
    barTimeMs,
    horizonBars,
    settlesAtMs: barTimeMs + (1 + horizonBars) * barMs,
    prediction,
    family: prediction && model && familyOf(model.manifest),
    passedOver: [...passedOver].sort((a, b) => a.rank - b.rank).map(({ model, family, reason }) => ({ model, family, reason })),
  }
}

/** Models of the target that were refused when they were loaded, of the families that are asked. */
function refusedOf({ registry, target }: TermsAsked, families: readonly string[]) {
  const isOfTarget = targetFilter(target, registry)
  return registry.entries().flatMap((entry) => {
    if (entry.state !== 'refused' || entry.manifest === undefined || !isOfTarget(entry.manifest)) return []
    const { horizonBars } = entry.manifest
    const rank = familyRank(entry.manifest, families)
    return rank === -1
      ? []
      : [{ model: entry.name, family: familyOf(entry.manifest), reason: `refused (${entry.reason}): ${entry.detail}`, horizonBars, rank }]
  })
}
