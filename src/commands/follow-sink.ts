import type { Frame } from '../candles/frame.js'
import type { Timeframe } from '../candles/timeframe.js'
import { FollowFailure } from '../following/failure.js'
import { chooseFollowed, everyBar, isForWantOfCandles } from '../following/choose-followed.js'
import type { Sink } from '../following/sink.js'
import type { ModelAnswer } from '../model-listing/schema.js'
import type { Prediction } from '../predictions/schema.js'
import type { Series } from '../store/series.js'
import type { Client } from './client.js'
import { InputError } from './input-error.js'
import { sendCandles } from './send-candles.js'
import { ServiceError } from './service-error.js'

/** A service that is asked over HTTP, or in this process, as the place where followed bars go. What it refuses is worth another try. */
export function createClientSink(client: Client, signal: AbortSignal): Sink {
  const get = async <T>(path: string, query: Record<string, string | number>) => (await client.request('GET', path, { query })).json<T>()
  return {
    models: (series, named) =>
      retried(async () => {
        const { models } = await get<{ models: readonly ModelAnswer[] }>('/models', {})
        const candidates = models.map(({ name, state, symbol, timeframe, bars_needed, detail }) => ({
          ...{ name, symbol, timeframe, detail },
          state: state === 'loading' || state === 'refused' ? state : ('usable' as const),
          windowBars: bars_needed ?? 0,
        }))
        return chooseFollowed(candidates, series, named)
      }),
    extent: (series) =>
      retried(async () => {
        const [firstMs, lastMs] = await Promise.all([barAt(series, 'asc'), barAt(series, 'desc')])
        return firstMs === undefined || lastMs === undefined ? undefined : { firstMs, lastMs }
      }),
    keep: ({ symbol, timeframe }, frame: Frame) => retried(() => sendCandles({ client, series: { symbol, timeframe }, frame, signal })),
    newestPrediction: ({ symbol, timeframe }, model) =>
      retried(async () => {
        const { predictions } = await get<{ predictions: readonly Prediction[] }>('/predictions', { symbol, timeframe, model, limit: 1 })
        return predictions[0] === undefined ? undefined : Date.parse(predictions[0].bar_time)
      }),
    predict: ({ symbol, timeframe }, models, fromMs, toMs, origin) =>
      retried(async () => {
        try {
          const body = { models, symbol, timeframe, bars: { from: fromMs, to: toMs }, origin }
          const answer = await client.request('POST', '/predict', { body })
          const { predictions, skipped = [] } = await answer.json<Predicted>()
          return {
            predicted: predictions.length,
            skipped: skipped.map(({ model, bar_time }) => ({ model, barTimeMs: Date.parse(bar_time) })),
          }
        } catch (error) {
          if (!(error instanceof ServiceError && isForWantOfCandles(error.code))) throw error
          return { predicted: 0, skipped: everyBar(timeframe as Timeframe, models, fromMs, toMs) }
        }
      }),
  }

  async function barAt({ symbol, timeframe }: Series, order: 'asc' | 'desc'): Promise<number | undefined> {
    const { candles } = await get<{ candles: { timestamp: readonly string[] } }>('/candles', { symbol, timeframe, order, limit: 1 })
    return candles.timestamp[0] === undefined ? undefined : Date.parse(candles.timestamp[0])
  }

  async function retried<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ServiceError) throw new FollowFailure('service', `${error.code}: ${error.message}`, { cause: error })
      if (error instanceof InputError) throw new FollowFailure('service', error.message, { cause: error })
      throw error
    }
  }
}

interface Predicted {
  readonly predictions: readonly Prediction[]
  readonly skipped?: readonly { readonly model: string; readonly bar_time: string }[]
}
