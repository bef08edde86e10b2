import type { Series } from './series.js'

/** What came of a prediction, as it is kept. One row per settling; a later one of the same prediction replaces it, and both are kept. */
export interface StoredOutcome {
  readonly predictionId: string
  readonly symbol: string
  readonly timeframe: string
  readonly model: string
  /** Open time of the bar that was predicted from, epoch milliseconds. */
  readonly barTimeMs: number
  readonly status: 'settled' | 'unsettleable'
  /** Name of the rule that settled it, e.g. `log_return: ln C[t+h] - ln C[t]`. */
  readonly rule: string
  /** Why it cannot be settled; null when it was. */
  readonly reason: string | null
  /** C[t] and C[t+h]; null when missing. */
  readonly entryClose: number | null
  readonly exitClose: number | null
  /** The realised value in the unit of the target (log return or return; for probabilities and classes the log return). */
  readonly realised: number | null
  /** y_pred − realised, where both have one unit; null otherwise. */
  readonly error: number | null
  /** Null: neither, or the rule has no hit. */
  readonly hit: boolean | null
  /** Quantiles: realised ≤ y_pred. Null for everything else. */
  readonly covered: boolean | null
  /** Index of the class that holds the realised value; null where there are no classes. */
  readonly realisedClass: number | null
  /**
   * Worst drawdown of a position in the predicted direction, as a fraction of the entry close; positive when the position never was below its
   * entry; null when there is no direction.
   */
  readonly drawdown: number | null
  readonly settledAtMs: number
}

/** A prediction as settling needs it, with its current outcome. */
export interface Settleable {
  readonly predictionId: string
  readonly symbol: string
  readonly timeframe: string
  readonly model: string
  readonly barTimeMs: number
  readonly yPred: Float64Array
  readonly output: string
  readonly horizonBars: number
  readonly quantile: number | null
  /** Bounds between classes; empty when the model has none. */
  readonly thresholds: Float64Array
  /** Undefined: pending. */
  readonly outcome: StoredOutcome | undefined
}

/** Predictions of a series that may have an outcome. Times are open times, epoch milliseconds, inclusive. */
export interface SettleableQuery extends Series {
  /** Only predictions from these bars. */
  readonly fromMs: number
  readonly toMs: number
  /** Only predictions whose bar at the horizon opens in this range. */
  readonly endsFromMs: number
  readonly endsToMs: number
}

export interface OutcomeScan {
  readonly model?: string
  readonly symbol?: string
  readonly timeframe?: string
  /** Inclusive, epoch milliseconds of the bar's open. */
  readonly fromMs?: number
  readonly toMs?: number
}

/** Current predictions with what came of them, for statistics: columns of equal length, by bar time. */
export interface ScannedOutcomes {
  readonly nRows: number
  readonly barTimeMs: Float64Array
  /** Settled rows: 1, unsettleable: 2, pending: 0. */
  readonly status: Uint8Array
  /** First output of y_pred; NaN when it has none. */
  readonly yPred: Float64Array
  /** One column per class, for models of several classes; undefined when every row has one output. NaN where a row has fewer. */
  readonly classProbabilities: readonly Float64Array[] | undefined
  /** NaN where there is none. */
  readonly realised: Float64Array
  /** 1 hit, 0 miss, 255 neither. */
  readonly hit: Uint8Array
  /** 1 covered, 0 not, 255 no quantile. */
  readonly covered: Uint8Array
  /** −1 where there is none. */
  readonly realisedClass: Int16Array
  /** NaN where there is none. */
  readonly drawdown: Float64Array
}

/** One model on one series, as it was stored: what its predictions mean. A model that changed its meaning is two of them. */
export interface PredictedSeries extends Series {
  readonly model: string
  readonly output: string
  readonly quantile: number | null
  readonly horizonBars: number
  readonly thresholds: Float64Array
}

/** Where outcomes stay. */
export interface OutcomeStore {
  /** Adds outcomes; each replaces the current one of its prediction. `through`: everything up to this commit number has been looked at. Durable when it resolves. */
  record(outcomes: readonly StoredOutcome[], through?: number): Promise<void>
  /** The highest `through` that was recorded; 0: nothing was ever looked at. */
  through(): Promise<number>
  /** Predictions, superseded ones too, by bar time. */
  settleable(query: SettleableQuery): Promise<readonly Settleable[]>
  /** Predictions recorded after commit number `revision`, by series: oldest and newest bar time. */
  predictedSince(revision: number): Promise<readonly (Series & { readonly firstMs: number; readonly lastMs: number })[]>
  /** The newest bar that each series had right after commit number `revision`. */
  newestBars(revision: number): Promise<readonly (Series & { readonly newestMs: number })[]>
  /** How far a series' predictions reach: the oldest bar predicted from, and the longest horizon in bars; undefined when it has none. */
  reach(series: Series): Promise<{ readonly firstMs: number; readonly longestBars: number } | undefined>
  /** The current outcome of each prediction that has one, by id. */
  of(predictions: readonly { readonly id: string; readonly barTimeMs: number }[]): Promise<ReadonlyMap<string, StoredOutcome>>
  /** Every outcome that a prediction ever had, oldest first. */
  history(prediction: { readonly id: string; readonly barTimeMs: number }): Promise<readonly StoredOutcome[]>
  /** What has current predictions, by symbol, timeframe, model, then horizon. */
  predicted(scan: OutcomeScan): Promise<readonly PredictedSeries[]>
  /** Current predictions of one model on one series, with one meaning. */
  scan(series: PredictedSeries, fromMs?: number, toMs?: number): Promise<ScannedOutcomes>
}
