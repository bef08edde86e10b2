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
  readonly horizonBars: number
  readonly catalogue: string
  readonly catalogueVersion: number
  readonly baseBars: number
  readonly bufferBars: number
  readonly featuresHash: string
  readonly featuresNan: readonly string[]
  readonly featuresOutside: readonly string[]
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
  /** Id of the prediction of the same symbol, timeframe, bar and model name that this one replaced. */
  readonly supersedes: string | null
  readonly supersededBy: string | null
}

export const origins = ['live', 'late', 'backfill', 'catch-up'] as const
export type Origin = (typeof origins)[number]

/** What is handed in to be kept; the store itself links predictions that supersede each other. */
export type NewPrediction = Omit<StoredPrediction, 'supersedes' | 'supersededBy'>

export interface Recorded {
  /** The row as it is kept now: the one handed in, or the one that was there under the same id. */
  readonly prediction: StoredPrediction
  readonly isNew: boolean
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
  record(predictions: readonly NewPrediction[]): Promise<readonly Recorded[]>
  find(id: string): Promise<StoredPrediction | undefined>
  /** At most `limit` rows in order; ask with the last row's place for more. */
  list(query: PredictionQuery): Promise<readonly StoredPrediction[]>
  /**
   * A number that rises with every commit and survives restarts; equal numbers mean equal answers.
   */
  revision(): Promise<number>
  /** Finishes what was handed in, then lets the file go. */
  close(): Promise<void>
}
