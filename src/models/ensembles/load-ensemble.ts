import type { LoadedBundle } from '../load-model.js'
import type { Manifest, ModelSource, ServedModel } from '../model.js'

/** Who computes ensembles, with the version of the arithmetic. */
const scorer = 'barcast-ensemble 1'

/** An ensemble of which only the manifest was read: `withEnsembles` finds its members. It holds no memory. */
export function loadEnsemble({ name, source }: { readonly name: string; readonly source: ModelSource }, manifest: Manifest): LoadedBundle {
  const model: ServedModel = {
    name,
    source,
    manifest,
    precision: 'float64',
    scorer,
    sha256: '',
    catalogueVersion: 1,
    featureNames: [],
    nOutputs: 1,
    score: scoresNoRows,
    scoreLater: undefined,
    inspect: () => ({ nan: [], outsideTrainingRange: [] }),
    warnings: [],
    goldenRows: 0,
  }
  return { entry: { name, source, state: 'served', model }, bytes: 0, dispose: () => undefined }
}

function scoresNoRows(): never {
  throw new Error('an ensemble scores no feature rows: its members do')
}
