import type { Booster } from 'lightgbm-wasm'
import { createInspector } from './inspect-row.js'
import type { Manifest, ServedModel } from './model.js'

export interface ServedModelParts {
  readonly name: string
  readonly manifest: Manifest
  readonly sha256: string
  readonly catalogueVersion: number
  readonly goldenRows: number
  readonly warnings: readonly string[]
  /** Stays the caller's to dispose of. */
  readonly booster: Booster
}

/** A loaded booster as the model that predictions ask. */
export function createServedModel({ booster, ...rest }: ServedModelParts): ServedModel {
  return {
    ...rest,
    featureNames: booster.featureName(),
    nOutputs: booster.numModelPerIteration(),
    score: (rows) => ({ raw: booster.predict(rows, { rawScore: true }), pred: booster.predict(rows) }),
    inspect: createInspector(booster),
  }
}
