import type { Timeframe } from '../candles/timeframe.js'
import type { Ensemble } from './ensemble-rule.js'
import type { SignalRule } from './signal-rule.js'

export type { Ensemble, EnsembleRule } from './ensemble-rule.js'
export type { SignalRule } from './signal-rule.js'

export const outputs = ['log_return', 'return', 'probability_up', 'class_probabilities', 'score'] as const
export type Output = (typeof outputs)[number]

/** How features become what the model takes: (x − mean)/scale, then limits; one entry per feature, over and over for sequences. */
export interface Scaling {
  readonly mean: readonly number[]
  readonly scale: readonly number[]
  /** Values are cut to ±clip after scaling; undefined: they are not. */
  readonly clip: number | undefined
  /** True: rows with ±∞ have no prediction (every output is NaN), as where the scaler that was fitted refuses them. */
  readonly finiteOnly?: true
}

export const activations = ['none', 'sigmoid', 'softmax', 'exp'] as const
export type Activation = (typeof activations)[number]

/** What a bundle's `model.json` says, checked and with defaults filled in. */
export interface Manifest {
  readonly version: string
  /** Undefined: any symbol. */
  readonly symbol: string | undefined
  readonly timeframe: Timeframe
  readonly features: {
    readonly catalogue: string
    readonly baseBars: number
    readonly bufferBars: number
    /** True: the values of every stored prediction are kept. */
    readonly store?: boolean | undefined
    /** What they are kept under. */
    readonly key?: string | undefined
  }
  /** How the model is written and scored. */
  readonly family: string
  /** What the system that trained it calls its family (`lstm`, `quantilelightgbm`), as `familyKey` spells it; undefined: as `family`. */
  readonly trainedFamily?: string | undefined
  /** Name of the model's file; undefined: the family's usual one. */
  readonly file: string | undefined
  /** The catalogue's names of the model's inputs, in its order; undefined: those in the file. */
  readonly featureNames: readonly string[] | undefined
  /** `float32`: every input is rounded to float32 before anything else, as the system that trained the model did; undefined: it is not. */
  readonly inputPrecision: 'float32' | undefined
  readonly scaling: Scaling | undefined
  /** What is done to the model's outputs beyond what its family does; undefined: nothing. */
  readonly activation: Activation | undefined
  readonly onnx:
    | {
        readonly input: string | undefined
        readonly output: string | undefined
        /** Of one row. */
        readonly shape: readonly number[] | undefined
      }
    | undefined
  readonly output: Output
  readonly quantile: number | undefined
  readonly classes: readonly string[] | undefined
  readonly thresholds: readonly number[] | undefined
  readonly horizonBars: number
  /** Hex of SHA-256 over the model file; undefined when the bundle states none. */
  readonly sha256: string | undefined
  /** What it predicts, in the user's words: models of one target are asked together. */
  readonly target?: string | undefined
  /** How its predictions become signals; undefined: they do not. */
  readonly signal?: SignalRule | undefined
  /** Undefined: a model of its own. */
  readonly ensemble?: Ensemble | undefined
}

type Unsettled = 'timeframe' | 'features' | 'output' | 'horizonBars'

/** What is known of a refused model: what its description says; undefined where it does not say it, or not so that it can be understood. */
export type ToldManifest = Omit<Manifest, Unsettled> & { readonly [Field in Unsettled]: Manifest[Field] | undefined }

/** A member that an ensemble does without. */
export interface AbsentMember {
  readonly name: string
  readonly detail: string
}

/** Where a model came from. */
export interface ModelSource {
  /** How its files lie on the disk: `bundle` is barcast's own. */
  readonly layout: string
  /** Relative to the models directory. */
  readonly path: string
}

/** A newer version of a served model that could not take its place. */
export interface FailedReload {
  readonly reason: Refusal
  readonly detail: string
  readonly atMs: number
}

/** Raw scores and predictions of rows, each row-major [nRows × nOutputs]. */
export interface Scores {
  readonly raw: Float64Array
  readonly pred: Float64Array
}

/** A model that answers: proven at load, kept in memory. */
export interface ServedModel {
  readonly name: string
  readonly manifest: Manifest
  /** Where its files are. */
  readonly source: ModelSource
  /** What its numbers are computed in. */
  readonly precision: 'float64' | 'float32'
  /** Who computes them, with its version: lightgbm-wasm's version alone, or a name and a version; `scorerOf` reads it. */
  readonly scorer: string
  /** Hex of SHA-256 over the model file that was read. */
  readonly sha256: string
  readonly catalogueVersion: number
  /** In the booster's order. */
  readonly featureNames: readonly string[]
  /** Raw scores (and predictions) per bar: 1, or the number of classes. */
  readonly nOutputs: number
  /**
   * Scores rows.
   * @param rows row-major [nRows × nFeatures], float64, missing = NaN
   * @throws Error when the model scores beside the event loop only: then `scoreLater` is there
   */
  score(rows: Float64Array): Scores
  /** The same, for families that work beside the event loop; undefined for those that answer at once. */
  readonly scoreLater: ((rows: Float64Array) => Promise<Scores>) | undefined
  /**
   * What is unusual about one row, names in the booster's order, only features that a tree splits on.
   * `nan`: NaN now, although the training data had none there (LightGBM scores it as 0). Of models whose scaler takes finite values only: all that are NaN or ±∞.
   * `outsideTrainingRange`: outside the range in the file's `feature_infos`.
   */
  inspect(row: Float64Array): { nan: string[]; outsideTrainingRange: string[] }
  /** Warnings the operator should know of, e.g. a digest that differs under `warn`. */
  readonly warnings: readonly string[]
  /** Rows of golden.jsonl that gave the same bits at load. */
  readonly goldenRows: number
  /** What an ensemble is made of, in its order: the models that are asked in its place. Undefined: it is none. */
  readonly members?: readonly ServedModel[] | undefined
  readonly absentMembers?: readonly AbsentMember[] | undefined
}

export const refusals = ['checksum', 'feature-mismatch', 'golden-mismatch', 'bad-model', 'bad-manifest'] as const
export type Refusal = (typeof refusals)[number]

/** One model of the models directory, whatever became of it. */
export type ModelEntry = { readonly name: string; readonly source: ModelSource } & (
  | { readonly state: 'loading' }
  /** Described, not in memory: it is loaded and proven when it is asked for the first time. */
  | { readonly state: 'idle'; readonly manifest: Manifest }
  | {
      readonly state: 'served'
      readonly model: ServedModel
      /** Why a changed bundle does not serve; this one goes on. */
      readonly failedReload?: FailedReload
    }
  | {
      readonly state: 'refused'
      readonly reason: Refusal
      /** One sentence: what is wrong, where, what to do. */
      readonly detail: string
      /** The diff or the first differing row, snake_case JSON. */
      readonly extras: Readonly<Record<string, unknown>>
      readonly manifest: ToldManifest | undefined
    }
)
