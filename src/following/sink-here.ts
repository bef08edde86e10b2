import type { Timeframe } from '../candles/timeframe.js'
import { Problem } from '../errors.js'
import type { ModelEntry } from '../models/model.js'
import type { Registry } from '../models/registry.js'
import type { PredictRequest, PredictResult } from '../predictions/predict.js'
import type { Store } from '../store/store.js'
import { type Candidate, chooseFollowed, everyBar, isForWantOfCandles } from './choose-followed.js'
import type { Sink } from './sink.js'

export interface SinkParts {
  readonly registry: Pick<Registry, 'entries' | 'loaded'>
  readonly store: Pick<Store, 'candles' | 'list'>
  readonly predict: (request: PredictRequest) => Promise<PredictResult>
  /** The service's clock, epoch milliseconds. */
  readonly nowMs: () => number
}

/** The service's own parts as the place where followed bars go. */
export function createSinkHere({ registry, store, predict, nowMs }: SinkParts): Sink {
  return {
    async models(series, named) {
      await registry.loaded
      return chooseFollowed(registry.entries().map(toCandidate), series, named)
    },
    extent: ({ symbol, timeframe }) => store.candles.extent({ symbol, timeframe }),
    async keep({ symbol, timeframe }, frame) {
      const { added, revised } = await store.candles.keep({ symbol, timeframe }, frame, nowMs())
      return { added, revised: revised.length }
    },
    async newestPrediction({ symbol, timeframe }, model) {
      const [newest] = await store.list({ symbol, timeframe, model, order: 'desc', history: false, limit: 1 })
      return newest?.barTimeMs
    },
    async predict({ symbol, timeframe }, models, fromMs, toMs, origin) {
      try {
        const { predictions, skipped } = await predict({ models, symbol, timeframe, bars: { fromMs, toMs }, origin, store: true })
        return { predicted: predictions.length, skipped }
      } catch (error) {
        if (error instanceof Problem && isForWantOfCandles(error.code))
          return { predicted: 0, skipped: everyBar(timeframe as Timeframe, models, fromMs, toMs) }
        throw error
      }
    },
  }
}

function toCandidate(entry: ModelEntry): Candidate {
  const { name } = entry
  if (entry.state === 'loading') return { name, state: 'loading', symbol: null, timeframe: null, windowBars: 0, detail: null }
  if (entry.state === 'refused') return { name, state: 'refused', symbol: null, timeframe: null, windowBars: 0, detail: entry.detail }
  const { symbol, timeframe, features } = entry.state === 'idle' ? entry.manifest : entry.model.manifest
  return { name, state: 'usable', symbol: symbol ?? null, timeframe, windowBars: features.baseBars + features.bufferBars, detail: null }
}
