import type { Frame } from '../candles/frame.js'
import type { CandleStore } from './candle-store.js'
import type { FeatureStore, StoredFeatures } from './feature-store.js'
import type { JobStore } from './job-store.js'
import type { LogStore, NewAbsence } from './log-store.js'
import type { OutcomeStore } from './outcome-store.js'

/** A prediction as it is kept: everything that its answer shows, flat, times in epoch milliseconds UTC. */
export interface StoredPrediction {
  readonly id: string
  readonly symbol: string
  readonly timeframe: string
  readonly barTimeMs: number
  readonly model: string
  readonly modelVersion: string
  readonly modelSha256: string
  /** One number per output of the model. NaN and ±∞ survive bit for bit (they leave as null in JSON). */
  readonly yRaw: Float64Array
  readonly yPred: Float64Array
  readonly output: string
  /** The quantile that the model predicts; null: none. */
  readonly quantile: number | null
  /** Bounds between classes, rising; empty when the model has none. */
  readonly thresholds: Float64Array
  readonly horizonBars: number
  readonly catalogue: string
  readonly catalogueVersion: number
  readonly baseBars: number
  readonly bufferBars: number
  readonly featuresHash: string
  readonly featuresNan: readonly string[]
  readonly featuresOutside: readonly string[]
  /** What the features were computed from: stored or submitted candles, or submitted feature values; predictions of its members for an ensemble. */
  readonly source: 'candles' | 'features' | 'predictions'
  readonly inputHash: string
  readonly inputSubmitted: number
  readonly inputBars: number
  readonly inputFirstMs: number
  readonly inputLastMs: number
  readonly unfinishedDropped: number
  readonly origin: Origin
  readonly createdAtMs: number
  /** Version of the scorer package that made the numbers. */
  readonly scorerVersion: string
  /** How an ensemble came to its value, and the signal of a model that gives one: a JSON object as text; null: neither. */
  readonly details: string | null
  /** Id of the prediction of the same symbol, timeframe, bar and model name that this one replaced. */
  readonly supersedes: string | null
  readonly supersededBy: string | null
  /** Number of the commit that brought the row: the candles it used are those that were current right after it. */
  readonly revision: number
}

export const origins = ['live', 'late', 'backfill', 'catch-up'] as const
export type Origin = (typeof origins)[number]

/** What is handed in to be kept; the store itself links predictions that supersede each other. */
export type NewPrediction = Omit<StoredPrediction, 'supersedes' | 'supersededBy' | 'revision'>

export interface Recorded {
  /** The row as it is kept now: the one handed in, or the one that was there under the same id. */
  readonly prediction: StoredPrediction
  readonly isNew: boolean
}

/** What is kept in the same commit as predictions: all of it or none. */
export interface Beside {
  /** The frame that was accepted, of the predictions' series. */
  readonly candles?: Frame
  readonly features?: readonly StoredFeatures[]
  readonly absences?: readonly NewAbsence[]
}

export interface PredictionQuery {
  readonly symbol?: string
  readonly timeframe?: string
  readonly model?: string
  /** Inclusive, epoch milliseconds of the bar's open. */
  readonly fromMs?: number
  readonly toMs?: number
  readonly origin?: Origin
  readonly order: 'asc' | 'desc'
  /** True: superseded ones too. */
  readonly history: boolean
  readonly limit: number
  /** Only rows after this place, in the query's order. */
  readonly after?: Place
}

/** Rows to draw from, superseded ones too, and how many. */
export type SampleQuery = Omit<PredictionQuery, 'order' | 'history' | 'after'>

/** A row's place in every listing: ordered by bar time, then id (both in the query's direction). */
export interface Place {
  readonly barTimeMs: number
  readonly id: string
}

/**
 * Where predictions stay. Every implementation passes `tests/store/support/contract.ts`.
 * Failures of the medium are thrown as Problem `store-unavailable`, with their cause.
 */
export interface Store {
  /**
   * Keeps predictions, all of one call or none, durable when the promise resolves. An id that is there already changes nothing
   * and comes back as it was first kept. Otherwise the prediction becomes the current one of its (symbol, timeframe,
   * bar, model) and supersedes the one that was current. Calls that wait at the same time commit together.
   */
  record(predictions: readonly NewPrediction[], beside?: Beside): Promise<readonly Recorded[]>
  find(id: string): Promise<StoredPrediction | undefined>
  /** At most `limit` rows in order; ask with the last row's place for more. */
  list(query: PredictionQuery): Promise<readonly StoredPrediction[]>
  /**
   * `limit` of the rows that fit, drawn by chance (each with the same), or all when there are fewer; by bar time, then id. `found`: how many fit.
   */
  sample(query: SampleQuery): Promise<{ readonly found: number; readonly rows: readonly StoredPrediction[] }>
  /**
   * A number that rises with every commit and survives restarts; equal numbers mean equal answers.
   */
  revision(): Promise<number>
  /** Every line that has predictions, with the open time of its newest bar (epoch milliseconds). From memory. */
  lines(): Promise<readonly (Line & { readonly newestMs: number })[]>
  /** Calls `listener` after every commit, with what it touched. Returns a function that ends it. */
  onCommit(listener: (commit: Commit) => void): () => void
  /** A consistent copy of everything, as a DuckDB file at `path` (which must not exist), while others read and write. */
  snapshot(path: string): Promise<void>
  readonly candles: CandleStore
  readonly outcomes: OutcomeStore
  readonly features: FeatureStore
  readonly log: LogStore
  readonly jobs: JobStore
  /** Finishes what was handed in, then lets the file go. */
  close(): Promise<void>
}

/** What one commit changed. */
export interface Commit {
  readonly revision: number
  /** New predictions, final links. */
  readonly predictions: readonly StoredPrediction[]
  /** Candles that were added or revised, by series: oldest and newest open time touched, and the open times that were revised. */
  readonly candles: readonly {
    readonly symbol: string
    readonly timeframe: string
    readonly firstMs: number
    readonly lastMs: number
    readonly revised: readonly number[]
  }[]
  /** Outcomes were recorded. */
  readonly outcomes: number
  /** Of which bars; undefined although outcomes were recorded: of any. */
  readonly settled?: readonly (Line & { readonly firstMs: number; readonly lastMs: number })[]
}

/** What one line on a chart shows: the predictions of one model for one series. */
export interface Line {
  readonly symbol: string
  readonly timeframe: string
  readonly model: string
}
