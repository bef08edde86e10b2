import { durationMs } from '../candles/timeframe.js'
import type { FollowedSeries } from './schema.js'
import { predictBars, predictModels, type Sink } from './sink.js'
import { createSkipped } from './skipped.js'

export interface Due {
  readonly models: readonly { readonly name: string }[]
  /** The stored bars. */
  readonly extent: { readonly firstMs: number; readonly lastMs: number }
  /** Open time of the newest bar that has closed. */
  readonly expectedMs: number
  readonly signal: AbortSignal
}

export interface CatchUp {
  /** Predicts every bar since the last prediction of each model, the oldest first. The bar that has just closed is not caught up, it is on time. */
  readonly predictDue: (due: Due) => Promise<{ readonly predicted: number; readonly skipped: number }>
  /** Tries bars again that had no whole window: some candles that were missing have come. */
  readonly startAgain: () => void
}

/** Knows for one series which bars each model has still to predict. What fails is due again. */
export function createCatchUp(series: FollowedSeries, sink: Sink): CatchUp {
  const durMs = durationMs(series.timeframe)
  /** Newest bar that was tried, by model: predicted, or skipped for want of candles. */
  const tried = new Map<string, number>()
  const skipped = createSkipped(durMs)
  let isAgain = false

  return { predictDue, startAgain: () => void (isAgain = true) }

  async function predictDue({ models, extent, expectedMs, signal }: Due): Promise<{ predicted: number; skipped: number }> {
    // Others may have stored a bar that is not due yet.
    const lastMs = Math.min(extent.lastMs, expectedMs)
    const done = { predicted: 0, skipped: 0 }
    if (isAgain) for (const span of skipped.spans()) await predictSpan(span.fromMs, span.toMs, span.models)
    isAgain = false
    const byStart = new Map<number, string[]>()
    for (const { name } of models) {
      const from = Math.max(extent.firstMs, await dueFrom(name, lastMs))
      byStart.set(from, [...(byStart.get(from) ?? []), name])
    }
    for (const [from, names] of byStart) await predictSpan(from, lastMs, names)
    return done

    async function predictSpan(fromMs: number, toMs: number, names: readonly string[]): Promise<void> {
      for (const [stepFrom, stepTo, origin] of steps(fromMs, toMs, expectedMs)) {
        for (let at = 0; at < names.length; at += predictModels) {
          signal.throwIfAborted()
          await predictStep(names.slice(at, at + predictModels), stepFrom, stepTo, origin)
        }
      }
    }

    async function predictStep(names: readonly string[], fromMs: number, toMs: number, origin: 'catch-up' | undefined): Promise<void> {
      const result = await sink.predict(series, names, fromMs, toMs, origin)
      done.predicted += result.predicted
      done.skipped += result.skipped.length
      skipped.forget(names, fromMs, toMs)
      for (const { model, barTimeMs } of result.skipped) skipped.note(model, barTimeMs)
      for (const name of names) tried.set(name, Math.max(toMs, tried.get(name) ?? toMs))
    }
  }

  async function dueFrom(model: string, lastMs: number): Promise<number> {
    const newest = tried.get(model) ?? (await sink.newestPrediction(series, model))
    if (newest === undefined) return lastMs - (series.start_bars - 1) * durMs
    return series.catch_up === 'last_bar' ? Math.max(newest + durMs, lastMs) : newest + durMs
  }

  /** Ranges of bars, inclusive, of a size that leaves others their turn; the newest bar apart when it has just closed. */
  function* steps(fromMs: number, toMs: number, expectedMs: number): Generator<[number, number, 'catch-up' | undefined]> {
    const lateMs = toMs === expectedMs ? toMs - durMs : toMs
    for (let at = fromMs; at <= lateMs; at += predictBars * durMs) {
      yield [at, Math.min(at + (predictBars - 1) * durMs, lateMs), 'catch-up']
    }
    if (toMs === expectedMs && fromMs <= toMs) yield [toMs, toMs, undefined]
  }
}
