import type { NewPrediction } from '../store/store.js'
import { castOf } from './cast-of.js'
import type { CompleteModels } from './complete-models.js'
import type { BarsMade, BarsWork, PredictBars } from './predict-bars.js'

export interface ModelsWork extends BarsWork {
  /** Predictions of earlier bars that were made and are not stored yet: histories of ensembles hold them. */
  readonly before?: readonly NewPrediction[] | undefined
}

/**
 * Predicts from bars of one frame with any models: ensembles ask their members, in one features pass, and signals are added. Predictions of members
 * that nobody asked come after those asked, bar by bar: they are to be stored, they are what later predictions look back on.
 */
export type PredictModels = (work: ModelsWork) => BarsMade | Promise<BarsMade>

export function createPredictModels({
  predictBars,
  completeModels,
}: {
  readonly predictBars: PredictBars
  readonly completeModels: CompleteModels
}): PredictModels {
  return (work) => {
    const isPlain = work.models.every(({ members, manifest }) => members === undefined && manifest.signal === undefined)
    return isPlain ? predictBars(work) : predictAll(work)
  }

  async function predictAll(work: ModelsWork): Promise<BarsMade> {
    const { models, frame, bars, series, acceptedMs, origin, before = [] } = work
    const cast = castOf(models)
    const leaves = await predictBars({ ...work, models: cast.leaves })
    const barTimesMs = Array.from(bars, (bar) => frame.openTimeMs[bar]!)
    return completeModels({ asked: models, cast, leaves, series, barTimesMs, frame, acceptedMs, origin, before })
  }
}
