import type { Manifest, Scores } from '../model.js'

/** A model in memory, as its family reads it. */
export interface Scorer {
  /** Names that the file gives its inputs, in its order; undefined when it names none. */
  readonly featureNames: readonly string[] | undefined
  readonly nInputs: number
  readonly nOutputs: number
  /** What the numbers are computed in. */
  readonly precision: 'float64' | 'float32'
  /** Who computes them, with its version. */
  readonly label: string
  /** rows: row-major [nRows × nInputs], float64, missing = NaN → raw scores and predictions, each row-major [nRows × nOutputs] */
  readonly score: ((rows: Float64Array) => Scores) | undefined
  /** The same, beside the event loop: for families that have no `score`. */
  readonly scoreLater: ((rows: Float64Array) => Promise<Scores>) | undefined
  /** What the file knows of its training data; see `ServedModel.inspect`. */
  inspect(row: Float64Array, names: readonly string[]): { nan: string[]; outsideTrainingRange: string[] }
  /** What an operator should know of it all the same. */
  doubts(manifest: Manifest, unreproducible: ReadonlyMap<string, string>): string[]
  readonly bytes: number
  dispose(): void
}

/** One way in which models are written and scored. Every family passes `tests/models/families/support/contract.ts`. */
export interface Family {
  /** As manifests name it. */
  readonly name: string
  /** Name of the model's file where a manifest gives none. */
  readonly file: string
  /** Most bytes of a model file that are read. */
  readonly maxBytes: number
  /**
   * Largest distance at which a golden row's raw score still counts as reproduced, relative to the larger of 1 and the score: 0 where
   * the family computes the bits of the library that trained the model.
   */
  readonly goldenTolerance: number
  /** True: its models work in a process of their own, and one that takes long there holds up nothing here. */
  readonly isBeside: boolean
  /** Begins in the background what the first model of the family would wait for; never throws. Undefined: there is nothing. */
  readonly prepare?: () => void
  /** @throws Refused `bad-model` when the bytes are no model of this family */
  open(bytes: Uint8Array, manifest: Manifest): Promise<Scorer>
}
