import type { Timeframe } from '../candles/timeframe.js'

export const outputs = ['log_return', 'return', 'probability_up', 'class_probabilities', 'score'] as const
export type Output = (typeof outputs)[number]

/** What a bundle's `model.json` says, checked and with defaults filled in. */
export interface Manifest {
  readonly version: string
  /** Undefined: any symbol. */
  readonly symbol: string | undefined
  readonly timeframe: Timeframe
  readonly features: { readonly catalogue: string; readonly baseBars: number; readonly bufferBars: number }
  readonly output: Output
  readonly quantile: number | undefined
  readonly classes: readonly string[] | undefined
  readonly thresholds: readonly number[] | undefined
  readonly horizonBars: number
  /** Hex of SHA-256 over model.txt; undefined when the bundle states none. */
  readonly sha256: string | undefined
}

/** A model that answers: proven at load, kept in memory. */
export interface ServedModel {
  readonly name: string
  readonly manifest: Manifest
  /** Hex of SHA-256 over the model.txt that was read. */
  readonly sha256: string
  readonly catalogueVersion: number
  /** In the booster's order. */
  readonly featureNames: readonly string[]
  /** Raw scores (and predictions) per bar: 1, or the number of classes. */
  readonly nOutputs: number
  /**
   * Scores rows.
   * @param rows row-major [nRows × nFeatures], float64, missing = NaN
   * @returns raw scores and transformed predictions, each row-major [nRows × nOutputs]
   */
  score(rows: Float64Array): { raw: Float64Array; pred: Float64Array }
  /**
   * What is unusual about one row, names in the booster's order, only features that a tree splits on.
   * `nan`: NaN now, although the training data had none there (LightGBM scores it as 0).
   * `outsideTrainingRange`: outside the range in the file's `feature_infos`.
   */
  inspect(row: Float64Array): { nan: string[]; outsideTrainingRange: string[] }
  /** Warnings the operator should know of, e.g. a digest that differs under `warn`. */
  readonly warnings: readonly string[]
  /** Rows of golden.jsonl that gave the same bits at load. */
  readonly goldenRows: number
}

export const refusals = ['checksum', 'feature-mismatch', 'golden-mismatch', 'bad-model', 'bad-manifest'] as const
export type Refusal = (typeof refusals)[number]

/** One folder of the models directory, whatever became of it. */
export type ModelEntry =
  | { readonly name: string; readonly state: 'loading' }
  | { readonly name: string; readonly state: 'served'; readonly model: ServedModel }
  | {
      readonly name: string
      readonly state: 'refused'
      readonly reason: Refusal
      /** One sentence: what is wrong, where, what to do. */
      readonly detail: string
      /** The diff or the first differing row, snake_case JSON. */
      readonly extras: Readonly<Record<string, unknown>>
      readonly manifest: Manifest | undefined
    }
