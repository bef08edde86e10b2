import { checkFrame } from '../candles/check.js'
import type { Submission } from '../candles/submission.js'
import type { Catalogue } from '../features/catalogue.js'
import type { Registry } from '../models/registry.js'
import type { NewPrediction, Recorded, Store, StoredPrediction } from '../store/store.js'
import { chooseModels, namesOf } from './choose-models.js'
import type { Chosen, Target } from './choose-models.js'
import { createComputeFeatures } from './compute-features.js'
import { createInputs } from './describe-input.js'
import { requireWindows, type Skipped } from './require-windows.js'
import { score } from './score.js'

export interface PredictRequest extends Target {
  readonly submission: Submission
  /** False: answer without storing. */
  readonly store: boolean
}

export interface PredictResult {
  /** In the order of the models asked; when none was named, by name. */
  readonly predictions: readonly StoredPrediction[]
  /** Models that fit, but not with these candles; only when none was named, because a named one refuses the whole request. */
  readonly skipped: readonly Skipped[]
  /** True when at least one of them was stored now. */
  readonly anyNew: boolean
}

export interface PredictParts {
  readonly registry: Pick<Registry, 'entries' | 'entry' | 'served'>
  readonly catalogues: readonly Catalogue[]
  readonly store: Pick<Store, 'record'>
  /** The server's clock, epoch milliseconds. */
  readonly nowMs: () => number
  readonly observe?: (stage: 'check' | 'features' | 'score' | 'store', seconds: number) => void
  readonly count?: (model: string, result: 'new' | 'known' | 'unstored' | 'refused') => void
}

/**
 * The way of a request: models → frame → features → score → store. All of its predictions are stored, or none.
 * The promise resolves when they are durable; it rejects with a Problem when the request cannot be answered.
 */
export function createPredict(parts: PredictParts): (request: PredictRequest) => Promise<PredictResult> {
  const { registry, store, nowMs, observe = ignore, count = ignore } = parts
  const computeFeatures = createComputeFeatures(parts.catalogues)

  // The candles are let go of before the store is waited for: 35 kB per request that would outlive young garbage.
  return async ({ submission, store: isStored, ...target }) => {
    try {
      const acceptedMs = nowMs()
      const chosen = chooseModels(registry, target)
      const { made, skipped } = predictNow(chosen, submission, acceptedMs, namesOf(target) === undefined)
      const result = isStored ? await keep(made) : unstored(made)
      for (const { model } of skipped) count(model, 'refused')
      return { ...result, skipped }
    } catch (error) {
      for (const name of askedNames(target)) count(name, 'refused')
      throw error
    }
  }

  /** Without a pause: nobody else uses the compiled features meanwhile. */
  function predictNow(chosen: Chosen, submission: Submission, acceptedMs: number, maySkip: boolean): Made {
    const { timeframe } = chosen
    const { checked, models, skipped } = timed('check', () => {
      const checked = checkFrame(submission, timeframe, acceptedMs)
      const { frame } = checked
      return { checked, ...requireWindows({ frame, timeframe, models: chosen.models, catalogues: parts.catalogues, maySkip }) }
    })
    const rows = timed('features', () => computeFeatures(models, checked.frame))
    const made = timed('score', () => {
      const inputs = createInputs(checked)
      return models.map((model, k) => score({ model, row: rows[k] as Float64Array, chosen, input: inputs(model), acceptedMs }))
    })
    return { made, skipped }
  }

  async function keep(made: readonly NewPrediction[]): Promise<Kept> {
    const started = performance.now()
    const recorded: readonly Recorded[] = await store.record(made)
    observe('store', secondsSince(started))
    for (const { prediction, isNew } of recorded) count(prediction.model, isNew ? 'new' : 'known')
    return { predictions: recorded.map(({ prediction }) => prediction), anyNew: recorded.some(({ isNew }) => isNew) }
  }

  function unstored(made: readonly NewPrediction[]): Kept {
    for (const { model } of made) count(model, 'unstored')
    return { predictions: made.map((prediction) => ({ ...prediction, supersedes: null, supersededBy: null })), anyNew: false }
  }

  function timed<T>(stage: 'check' | 'features' | 'score', work: () => T): T {
    const started = performance.now()
    const result = work()
    observe(stage, secondsSince(started))
    return result
  }

  /** Names that exist only: they become labels of a metric. */
  function askedNames(target: Target): string[] {
    try {
      const named = namesOf(target)?.filter((name) => registry.entry(name) !== undefined)
      return [...(named ?? chooseModels(registry, target).models.map(({ name }) => name))]
    } catch {
      return []
    }
  }
}

interface Made {
  readonly made: readonly NewPrediction[]
  readonly skipped: readonly Skipped[]
}

type Kept = Omit<PredictResult, 'skipped'>

function secondsSince(startedMs: number): number {
  return (performance.now() - startedMs) / 1000
}

function ignore(): void {}
