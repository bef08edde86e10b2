import type { ServedModel } from '../models/model.js'

/** Who takes part in answering for some models. */
export interface Cast {
  /** Models that score feature rows, each once. */
  readonly leaves: readonly ServedModel[]
  /** Ensembles, each once, after their members. */
  readonly ensembles: readonly ServedModel[]
}

/** The models asked, and the members of the ensembles among them. */
export function castOf(asked: readonly ServedModel[]): Cast {
  const leaves = new Map<string, ServedModel>()
  const ensembles = new Map<string, ServedModel>()
  const add = (model: ServedModel): void => {
    if (model.members === undefined) {
      leaves.set(model.name, model)
      return
    }
    if (ensembles.has(model.name)) return
    for (const member of model.members) add(member)
    ensembles.set(model.name, model)
  }
  for (const model of asked) add(model)
  return { leaves: [...leaves.values()], ensembles: [...ensembles.values()] }
}

/** Predictions of one bar that answering makes, those of members included: what a request's limit counts. */
export function nAnswering({ leaves, ensembles }: Cast): number {
  return leaves.length + ensembles.length
}
