import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { ServedModel } from '../models/model.js'
import type { Registry } from '../models/registry.js'
import type { NewPrediction } from '../store/store.js'
import { familyOf, familyRank } from './family-rank.js'
import { refusedOfTarget } from './refused-of-target.js'
import type { SkippedBar } from './skipped-bar.js'

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
  const { target, registry } = asked
  const fitting = { symbol: predictions[0]?.symbol, timeframe: models[0]?.manifest.timeframe }
  const refused = refusedOfTarget(registry, { target, families: familyPriority, ...fitting })
  const horizons = [...new Set([...models, ...refused].flatMap(({ manifest }) => manifest.horizonBars ?? []))]
  return bars.flatMap((barTimeMs) =>
    horizons
      .sort((a, b) => a - b)
      .map((horizonBars) => {
        const passedOver: { model: string; family: string | null; reason: string; rank: number }[] = refused.filter(
          // One that could not tell how far ahead it looks may be of any horizon.
          ({ manifest }) => (manifest.horizonBars ?? horizonBars) === horizonBars,
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
