import type { Scorer } from './families/family.js'
import type { Manifest, ModelSource, ServedModel } from './model.js'
import type { ShapedScore } from './shaped-score.js'
import { takesInput } from './takes-input.js'

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
    inspect,
  }

  function inspect(row: Float64Array): ReturnType<ServedModel['inspect']> {
    const found = scorer.inspect(row, rest.featureNames)
    if (rest.manifest.scaling?.finiteOnly !== true) return found
    const isUnusable = (value: number) => Number.isNaN(value) || !takesInput(rest.manifest, value)
    return { ...found, nan: rest.featureNames.filter((_, k) => isUnusable(row[k]!)) }
  }
}

function scoresLaterOnly(): never {
  throw new Error('this model scores beside the event loop: scoreLater')
}
