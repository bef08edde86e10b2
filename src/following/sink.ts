import type { Frame } from '../candles/frame.js'
import type { Series } from '../store/series.js'

/** Where followed bars go: the parts of this process, or a service that is asked over HTTP. */
export interface Sink {
  /** The models that predict a series: the named ones, or every one that fits. */
  models(series: Series, named: readonly string[] | undefined): Promise<FollowedModels>
  /** Open times of the oldest and newest stored bar; undefined: none. */
  extent(series: Series): Promise<{ readonly firstMs: number; readonly lastMs: number } | undefined>
  /** Keeps the bars of a checked frame; durable when it resolves. */
  keep(series: Series, frame: Frame): Promise<{ readonly added: number; readonly revised: number }>
  /** Open time of the newest bar that a model has predicted; undefined: none. */
  newestPrediction(series: Series, model: string): Promise<number | undefined>
  /**
   * Predicts the stored bars with open times from `fromMs` to `toMs`, inclusive; durable when it resolves. What was predicted before is not made again.
   * @param origin undefined: live or late, by the service's clock
   */
  predict(series: Series, models: readonly string[], fromMs: number, toMs: number, origin: 'catch-up' | undefined): Promise<Predicted>
}

export interface FollowedModels {
  readonly ready: readonly { readonly name: string; readonly windowBars: number }[]
  /** Names of models that are still being loaded. */
  readonly loading: readonly string[]
  /** Named models that cannot answer, and why, in words. */
  readonly unusable: readonly { readonly name: string; readonly detail: string }[]
}

export interface Predicted {
  /** Predictions that were not there before. */
  readonly predicted: number
  /** Bars without a whole window, by model. */
  readonly skipped: readonly { readonly model: string; readonly barTimeMs: number }[]
}

/** Bars that one call of `predict` is asked for at most, so that others get their turn. */
export const predictBars = 64
/** Models that one call of `predict` is asked for at most: with an ensemble's members, fewer than 10,000 predictions. */
export const predictModels = 100
