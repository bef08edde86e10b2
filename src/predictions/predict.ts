import type { Submission } from '../candles/submission.js'
import { Problem } from '../errors.js'
import type { Catalogue } from '../features/catalogue.js'
import type { ModelEntry } from '../models/model.js'
import type { Registry } from '../models/registry.js'
import type { Beside, NewPrediction, Recorded, Store, StoredPrediction } from '../store/store.js'
import { absencesOf, absencesOfSkipped } from './absences-of.js'
import type { Bars } from './bars.js'
import { refuseTooMany } from './choose-bars.js'
import { chooseModels, namesOf } from './choose-models.js'
import type { Chosen, Target } from './choose-models.js'
import { castOf, nAnswering } from './cast-of.js'
import { createCompleteModels } from './complete-models.js'
import type { FeatureRows } from './feature-rows.js'
import { createAbsences } from './note-absences.js'
import { type CandlesMade, createPredictCandles } from './predict-candles.js'
import { createPredictBars } from './predict-bars.js'
import { createPredictModels } from './predict-models.js'
import { createPredictRows } from './predict-rows.js'
import type { SkippedBar } from './skipped-bar.js'
import { targetFilter } from './target-filter.js'
import { type Term, termStructure } from './term-structure.js'
import { keyFor, type KeyOf, submittedKey, usedFeatures } from './used-features.js'

export interface PredictRequest extends Target {
  /** Candles that were sent; without them, and without features, the stored ones are used. */
  readonly submission?: Submission | undefined
  /** Feature values that were sent instead of candles. */
  readonly features?: FeatureRows | undefined
  /** Default: the newest closed one. */
  readonly bars?: Bars | undefined
  /** Default: live or late, by the clock. */
  readonly origin?: 'backfill' | 'catch-up' | undefined
  /** True: the feature values used are kept, whatever the manifests say. */
  readonly storeFeatures?: boolean | undefined
  /** What feature values are kept under. */
  readonly featureKey?: string | undefined
  /** False: answer without storing anything. */
  readonly store: boolean
}

export interface PredictResult {
  /** By bar, oldest first, then in the order of the models asked; when none was named, by name. */
  readonly predictions: readonly StoredPrediction[]
  /** Bars of a range without a window, and models that fit, but not with this input; a named bar or model refuses the whole request. */
  readonly skipped: readonly SkippedBar[]
  /** Submitted feature columns that no model used. */
  readonly ignoredColumns: readonly string[]
  /** Only when a target was asked: by bar, then horizon. */
  readonly terms?: readonly Term[]
  /** Those that were stored before: only they can have an outcome. */
  readonly known: readonly StoredPrediction[]
  /** True when at least one of them was stored now. */
  readonly anyNew: boolean
}

export interface PredictParts {
  readonly registry: Pick<Registry, 'entries' | 'entry' | 'served' | 'ready' | 'lease' | 'isLoaded'>
  readonly catalogues: readonly Catalogue[]
  readonly store: Pick<Store, 'record' | 'candles' | 'log' | 'list' | 'revision'>
  /** The server's clock, epoch milliseconds. */
  readonly nowMs: () => number
  readonly observe?: (stage: 'check' | 'features' | 'score' | 'store', seconds: number) => void
  readonly count?: (model: string, result: 'new' | 'known' | 'unstored' | 'refused') => void
}

/**
 * The way of a request: models → frame → features → score → store. All of its predictions are stored, in one commit, or none; beside them
 * the closed candles that were sent, and the feature values when they are wanted.
 * The promise resolves when all of it is durable; it rejects with a Problem when the request cannot be answered.
 */
export function createPredict(parts: PredictParts): (request: PredictRequest) => Promise<PredictResult> {
  const { registry, catalogues, store, nowMs, observe = ignore, count = ignore } = parts
  const completeModels = createCompleteModels({ store })
  const predictModels = createPredictModels({ predictBars: createPredictBars({ catalogues }), completeModels })
  const predictCandles = createPredictCandles({ catalogues, store, predictModels, observe })
  const predictRows = createPredictRows()
  const absences = createAbsences(store)

  return async (request) => {
    const acceptedMs = nowMs()
    let chosen: Chosen | undefined
    let release: (() => void) | undefined
    let none: readonly SkippedBar[] = []
    try {
      const waiting = registry.ready(namesOf(request) ?? mayFit(request, registry))
      if (waiting !== undefined) await waiting
      chosen = chooseModels(registry, request)
      release = registry.lease(chosen.models)
      const made = await makeThem(request, chosen, acceptedMs, (skipped) => (none = skipped))
      const { predictions, known, anyNew } = request.store ? await keep(made, chosen, acceptedMs) : unstored(made, chosen)
      for (const { model } of made.skipped) count(model, 'refused')
      const { target, familyPriority } = request
      const { skipped, ignoredColumns } = made
      const terms = target && termStructure({ target, familyPriority, models: chosen.models, predictions, skipped, registry })
      return { predictions, known, skipped, ignoredColumns, anyNew, ...(terms && { terms }) }
    } catch (error) {
      for (const name of askedNames(request)) count(name, 'refused')
      if (request.store && error instanceof Problem) {
        // Of a range every bar has its own reason; the problem names that of the newest.
        const rows =
          chosen && none.length > 0 ? absencesOfSkipped(none, chosen, acceptedMs) : absencesOf(error, request, chosen, registry, acceptedMs)
        await absences.note(rows, isForAnySymbol)
      }
      throw error
    } finally {
      release?.()
    }
  }

  async function makeThem(
    request: PredictRequest,
    chosen: Chosen,
    acceptedMs: number,
    onNone: (skipped: readonly SkippedBar[]) => void,
  ): Promise<Made> {
    const { features, submission, bars = 'last', origin, storeFeatures = false, featureKey } = request
    const maySkip = namesOf(request) === undefined
    if (features === undefined) {
      const wanted: KeyOf = (model) => keyFor(model, { all: storeFeatures, featureKey })
      const keyOf = request.store && castOf(chosen.models).leaves.some((model) => wanted(model) !== undefined) ? wanted : undefined
      const made = await predictCandles({ chosen, submission, bars, acceptedMs, origin, maySkip, keyOf, onNone })
      return { ...made, ignoredColumns: [] }
    }
    const { models, symbol, timeframe } = chosen
    const cast = castOf(models)
    const series = { symbol, timeframe }
    refuseTooMany(features.nRows, nAnswering(cast))
    const started = performance.now()
    const mayLack = maySkip || cast.ensembles.some(({ manifest }) => manifest.ensemble!.rule.rule === 'fallback')
    const rows = await predictRows({ models: cast.leaves, series, features, acceptedMs, origin, maySkip: mayLack })
    // Nobody could re-derive such a prediction without them.
    const kept = request.store ? usedFeatures(rows.made, rows.rows, cast.leaves, () => featureKey ?? submittedKey) : []
    const isPlain = models.every(({ members, manifest }) => members === undefined && manifest.signal === undefined)
    const barTimesMs = () => Array.from(features.openTimeMs).sort((a, b) => a - b)
    const others = { asked: models, cast, series, frame: undefined, acceptedMs, origin, before: [] }
    const { made, skipped } = isPlain ? rows : await completeModels({ ...others, leaves: rows, barTimesMs: barTimesMs() })
    const [lacking] = skipped
    if (!maySkip && lacking !== undefined) throw new Problem(lacking.code, lacking.detail, { models: [lacking.model] })
    observe('score', secondsSince(started))
    return { made, skipped, ignoredColumns: rows.ignoredColumns, candles: undefined, features: kept }
  }

  async function keep({ made, skipped, candles, features }: Made, chosen: Chosen, acceptedMs: number): Promise<Kept> {
    const started = performance.now()
    const lacking = skipped.length === 0 ? [] : await absences.unnoted(absencesOfSkipped(skipped, chosen, acceptedMs), isForAnySymbol)
    const beside: Beside = {
      ...(candles !== undefined && { candles }),
      ...(features.length > 0 && { features }),
      ...(lacking.length > 0 && { absences: lacking }),
    }
    const recorded = await store.record(made, beside)
    absences.noted(lacking)
    observe('store', secondsSince(started))
    for (const { prediction, isNew } of recorded) count(prediction.model, isNew ? 'new' : 'known')
    const asked = recorded.filter(({ prediction }) => isAsked(chosen, prediction))
    const known = asked.filter(({ isNew }) => !isNew)
    return { predictions: asked.map(toPrediction), known: known.map(toPrediction), anyNew: known.length < asked.length }
  }

  function unstored({ made: all }: Made, chosen: Chosen): Kept {
    const made = all.filter((prediction) => isAsked(chosen, prediction))
    for (const { model } of made) count(model, 'unstored')
    // In place: a copy of thirty properties takes longer than the trees.
    return { predictions: made.map((prediction) => Object.assign(prediction, notStored)), known: [], anyNew: false }
  }

  function isForAnySymbol(name: string): boolean {
    const entry = registry.entry(name)
    if (entry?.state === 'served') return entry.model.manifest.symbol === undefined
    return entry?.state !== 'refused' || entry.manifest?.symbol === undefined
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

/** Members that nobody asked are stored, not answered. */
function isAsked({ models }: Chosen, { model }: NewPrediction): boolean {
  return models.some(({ name }) => name === model)
}

/** Tells whether a model may be among those that a request without names asks. */
function mayFit({ symbol, timeframe, target }: Target, registry: Pick<Registry, 'entries'>): (entry: ModelEntry) => boolean {
  const isOfTarget = targetFilter(target, registry)
  return (entry) =>
    entry.state === 'idle' &&
    isOfTarget(entry.manifest) &&
    (symbol === undefined || (entry.manifest.symbol ?? symbol) === symbol) &&
    (timeframe === undefined || entry.manifest.timeframe === timeframe.toLowerCase())
}

/** What is to be kept, and what the answer says beside it. */
interface Made extends CandlesMade {
  readonly ignoredColumns: readonly string[]
}

/** What the store would say of a prediction. */
const notStored = { supersedes: null, supersededBy: null, revision: 0 } as const

type Kept = Pick<PredictResult, 'predictions' | 'known' | 'anyNew'>

function toPrediction({ prediction }: Recorded): StoredPrediction {
  return prediction
}

function secondsSince(startedMs: number): number {
  return (performance.now() - startedMs) / 1000
}

function ignore(): void {}
