import type { Frame } from '../candles/frame.js'
import type { Timeframe } from '../candles/timeframe.js'

/** A catalogue of features: the names that models of one training pipeline use, and how each is computed. */
export interface Catalogue {
  /** As manifests name it, e.g. `multi-timeframe`. */
  readonly name: string
  /** Rises when any value of any feature changes by as much as one bit. */
  readonly version: number
  /** Timeframes of the candles that the catalogue is defined for. */
  readonly timeframes: readonly Timeframe[]
  /** Every name the catalogue knows, in the pipeline's order. */
  readonly names: readonly string[]
  /**
   * Names whose values in training nobody can compute again, and why: a model that splits on one is served with other scores than it was
   * trained with.
   */
  readonly unreproducible: ReadonlyMap<string, string>
  /**
   * Turns feature names into a program that computes just these, in this order.
   * @throws FeatureMismatch when a name is unknown
   */
  compile(names: readonly string[], window: Window): Plan
  /** Bars of each timeframe that a window holds after trimming, e.g. `{ '1H': 720, '4H': 180 }`. */
  barsPerTimeframe(window: Window): Readonly<Record<string, number>>
}

/** How much history a model was trained with, in bars of the candles. */
export interface Window {
  /** Length of the lookback that features see. */
  readonly baseBars: number
  /** Bars before it, so that the first resampled row can be whole. */
  readonly bufferBars: number
}

/** Feature names compiled to arithmetic. One plan is used by one thread; calls do not overlap. */
export interface Plan {
  readonly names: readonly string[]
  /** Bars that `compute` reads, ending at the target bar: baseBars + bufferBars. */
  readonly windowBars: number
  /**
   * Writes the features of one bar.
   * @param frame candles; the `windowBars` bars ending at `lastBar` must be contiguous
   * @param lastBar index of the target bar in `frame`, at least windowBars − 1
   * @param out row-major [1 × names.length], float64, missing = NaN, written from `offset`; owned by the caller
   */
  compute(frame: Frame, lastBar: number, out: Float64Array, offset?: number): void
}

/** A name that the catalogue does not have, and the closest one that it has. */
export interface UnknownFeature {
  readonly name: string
  readonly nearest: string | null
}

/** Feature names that no catalogue entry computes. */
export class FeatureMismatch extends Error {
  override readonly name = 'FeatureMismatch'

  constructor(
    readonly catalogue: string,
    readonly unknown: readonly UnknownFeature[],
  ) {
    const shown = unknown.slice(0, 5).map((u) => `${u.name}${u.nearest === null ? '' : ` (nearest: ${u.nearest})`}`)
    const more = unknown.length > 5 ? ` and ${unknown.length - 5} more` : ''
    super(`catalogue ${catalogue} does not know ${unknown.length} of the model's features: ${shown.join(', ')}${more}`)
  }
}
