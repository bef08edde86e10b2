import { setImmediate } from 'node:timers/promises'
import type { ServedModel } from '../models/model.js'
import type { Registry } from '../models/registry.js'
import { hashFeatures } from '../predictions/identity.js'
import type { PredictBars } from '../predictions/predict-bars.js'
import { score } from '../predictions/score.js'
import type { StoredFeatures } from '../store/feature-store.js'
import type { Store, StoredPrediction } from '../store/store.js'
import { compare, type Recomputed } from './compare.js'
import { describedOtherwise } from './described-otherwise.js'
import { findModel } from './find-model.js'
import { findWindow } from './find-window.js'
import { replayEnsemble } from './replay-ensemble.js'
import { type Replayable, replayTogether } from './replay-together.js'
import { impossible, type Verdict } from './verdict.js'
import { withSignalAgain } from './with-signal-again.js'

export interface ReplayerParts {
  readonly registry: Pick<Registry, 'entry' | 'ready' | 'lease'>
  readonly store: Pick<Store, 'candles' | 'features' | 'find' | 'list'>
  readonly predictBars: PredictBars
}

/** Derives stored predictions again, from the candles (or feature values) that are stored, and compares every bit. */
export interface Replayer {
  /** @throws Problem `model-unavailable` while the model is loading */
  replay(prediction: StoredPrediction): Promise<Verdict>
  /** The same verdicts for many, in their order: those whose windows overlap share candles and features. Best by bar time. */
  replayAll(predictions: readonly StoredPrediction[], signal: AbortSignal): Promise<Verdict[]>
}

export function createReplayer({ registry, store, predictBars }: ReplayerParts): Replayer {
  return { replay, replayAll }

  async function replay(prediction: StoredPrediction): Promise<Verdict> {
    const release = await hold([prediction])
    try {
      return await replayHeld(prediction)
    } finally {
      release()
    }
  }

  /** Loads the models of predictions, and keeps them in memory until the function that it returns is called. */
  async function hold(predictions: readonly StoredPrediction[]): Promise<() => void> {
    const names = [...new Set(predictions.map(({ model }) => model))]
    await registry.ready(names)
    return registry.lease(
      names.flatMap((name) => {
        const entry = registry.entry(name)
        return entry?.state === 'served' ? [entry.model] : []
      }),
    )
  }

  async function replayHeld(prediction: StoredPrediction): Promise<Verdict> {
    const model = findModel(registry, prediction)
    if ('result' in model) return model
    if (model.members !== undefined) return replayEnsemble(store, prediction, model)
    const storedRows = await featuresOf(prediction)
    return prediction.source === 'features' ? fromFeatures(prediction, model, storedRows) : fromCandles(prediction, model, storedRows)
  }

  async function fromCandles(prediction: StoredPrediction, model: ServedModel, storedRows: readonly StoredFeatures[]): Promise<Verdict> {
    const found = await findWindow(store.candles, prediction)
    if (typeof found === 'string') return impossible(prediction, 'candles-missing', found)
    const { made, rows } = await predictBars({
      models: [model],
      series: prediction,
      frame: found,
      bars: Int32Array.of(found.nBars - 1),
      submitted: prediction.inputSubmitted,
      unfinishedDropped: prediction.unfinishedDropped,
      acceptedMs: prediction.createdAtMs,
    })
    const again = withSignalAgain(prediction, model, made[0]!, { frame: found, bar: found.nBars - 1 })
    return judge(prediction, model, { made: again, row: rows[0]!, featureNames: model.featureNames, storedRows })
  }

  /** Whether the model is used with the window that its manifest names today. */
  function isToday({ baseBars, bufferBars }: StoredPrediction, { name }: ServedModel): boolean {
    const entry = registry.entry(name)
    const window = entry?.state === 'served' ? entry.model.manifest.features : undefined
    return window?.baseBars === baseBars && window.bufferBars === bufferBars
  }

  async function fromFeatures(prediction: StoredPrediction, model: ServedModel, storedRows: readonly StoredFeatures[]): Promise<Verdict> {
    const rows = storedRows.flatMap((kept) => {
      const row = pick(kept, model.featureNames)
      return row === undefined ? [] : [{ kept, row }]
    })
    const found =
      rows.find(({ row }) => hashFeatures(row) === prediction.featuresHash) ??
      rows.find(({ kept }) => kept.createdAtMs === prediction.createdAtMs) ??
      undefined
    if (found === undefined) {
      const why =
        rows.length === 0
          ? 'the feature values that were sent have not been stored'
          : 'the feature values that are stored for this bar are others'
      return impossible(prediction, 'features-missing', `${why}, only their hash`)
    }
    const { inputSubmitted, inputBars, inputFirstMs, inputLastMs, unfinishedDropped, barTimeMs, createdAtMs, origin } = prediction
    const input = {
      source: 'features',
      barTimeMs,
      inputHash: undefined,
      inputSubmitted,
      inputBars,
      inputFirstMs,
      inputLastMs,
      unfinishedDropped,
    } as const
    const [scored] = await score({ model, rows: found.row, inputs: [input], series: prediction, acceptedMs: createdAtMs, origin })
    const made = withSignalAgain(prediction, model, scored!.prediction, undefined)
    return judge(prediction, model, { made, row: found.row, featureNames: model.featureNames, storedRows: [found.kept] })
  }

  function featuresOf({ symbol, timeframe, barTimeMs }: StoredPrediction): Promise<readonly StoredFeatures[]> {
    return store.features.list({ symbol, timeframe, fromMs: barTimeMs, toMs: barTimeMs, order: 'asc', limit: 1_000 })
  }

  async function replayAll(predictions: readonly StoredPrediction[], signal: AbortSignal): Promise<Verdict[]> {
    const release = await hold(predictions)
    try {
      return await replayAllHeld(predictions, signal)
    } finally {
      release()
    }
  }

  async function replayAllHeld(predictions: readonly StoredPrediction[], signal: AbortSignal): Promise<Verdict[]> {
    const verdicts = new Map<string, Verdict>()
    const together: Replayable[] = []
    for (const prediction of predictions) {
      const model = findModel(registry, prediction)
      if ('result' in model) verdicts.set(prediction.id, model)
      else if (prediction.source === 'candles' && isToday(prediction, model)) together.push({ prediction, model })
    }
    for (const verdict of await replayTogether({ store, predictBars, signal }, together)) verdicts.set(verdict.prediction.id, verdict)
    const all: Verdict[] = []
    for (const prediction of predictions) {
      let verdict = verdicts.get(prediction.id)
      if (verdict === undefined) {
        signal.throwIfAborted()
        verdict = await replayHeld(prediction)
        await setImmediate()
      }
      all.push(verdict)
    }
    return all
  }
}

function judge(prediction: StoredPrediction, model: ServedModel, recomputed: Recomputed): Verdict {
  const verdict = compare(prediction, recomputed)
  const why = describedOtherwise(prediction, model, verdict.differs)
  return why === undefined ? verdict : impossible(prediction, 'model-changed', why)
}

/** The model's features out of a stored row; undefined when some are not in it. */
function pick({ names, values }: StoredFeatures, featureNames: readonly string[]): Float64Array | undefined {
  const places = new Map(names.map((name, place) => [name, place]))
  const row = new Float64Array(featureNames.length)
  for (let k = 0; k < featureNames.length; k++) {
    const place = places.get(featureNames[k]!)
    if (place === undefined) return undefined
    row[k] = values[place]!
  }
  return row
}
