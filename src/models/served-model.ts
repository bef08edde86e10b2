import type { Scorer } from './families/family.js'
import type { Manifest, ModelSource, ServedModel } from './model.js'
import type { ShapedScore } from './shaped-score.js'

export interface ServedModelParts {
  readonly name: string
  readonly source: ModelSource
  readonly manifest: Manifest
  readonly sha256: string
  readonly catalogueVersion: number
  readonly goldenRows: number
  readonly warnings: readonly string[]
  readonly featureNames: readonly string[]
  /** Stays the caller's to dispose of. */
  readonly scorer: Scorer
  readonly score: ShapedScore
}

/** A loaded scorer as the model that predictions ask. */
export function createServedModel({ scorer, score, ...rest }: ServedModelParts): ServedModel {
  return {
    ...rest,
    nOutputs: scorer.nOutputs,
    precision: scorer.precision,
    scorer: scorer.label,
    score: score.now ?? scoresLaterOnly,
    scoreLater: score.now === undefined ? score.later : undefined,
    inspect: (row) => scorer.inspect(row, rest.featureNames),
  }
}

function scoresLaterOnly(): never {
  throw new Error('this model scores beside the event loop: scoreLater')
}
