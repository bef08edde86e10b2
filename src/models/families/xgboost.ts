import { Refused } from '../refused.js'
import { XgboostFormatError } from '../xgboost/format-error.js'
import { readXgboost, type XgboostModel } from '../xgboost/read-xgboost.js'
import { scoreXgboost, transformMargins } from '../xgboost/score-xgboost.js'
import type { Family, Scorer } from './family.js'

/** XGBoost's JSON and UBJSON models: margins and predictions in float32, bit for bit. */
export const xgboost: Family = {
  name: 'xgboost',
  file: 'model.ubj',
  maxBytes: 2 ** 28,
  goldenTolerance: 0,
  isBeside: false,
  open: (bytes, { output }) =>
    new Promise((resolve) => {
      const model = read(bytes)
      if (model.objective === 'multi:softmax' && output === 'class_probabilities') throw classesOnly()
      resolve(toScorer(model))
    }),
}

function read(bytes: Uint8Array): XgboostModel {
  try {
    return readXgboost(bytes)
  } catch (error) {
    if (!(error instanceof XgboostFormatError)) throw error
    throw new Refused('bad-model', `the XGBoost model cannot be read: ${error.message}`, {}, { cause: error })
  }
}

function classesOnly(): Refused {
  const detail =
    'the objective multi:softmax answers the class alone, not the probabilities of class_probabilities; train with multi:softprob'
  return new Refused('bad-manifest', `model.json: ${detail}`, { outputs: 1 })
}

function toScorer(model: XgboostModel): Scorer {
  const nOutputs = model.objective === 'multi:softmax' ? 1 : model.nOutputs
  return {
    featureNames: model.featureNames,
    nInputs: model.nFeatures,
    nOutputs,
    precision: 'float32',
    label: 'barcast-xgboost 1',
    score(rows) {
      const margins = scoreXgboost(model, rows)
      const predictions = transformMargins(model, margins)
      // The class is all that multi:softmax answers; its margins are several.
      const raw = nOutputs === model.nOutputs ? margins : predictions
      return { raw: Float64Array.from(raw), pred: Float64Array.from(predictions) }
    },
    scoreLater: undefined,
    inspect: () => ({ nan: [], outsideTrainingRange: [] }),
    doubts: () => [],
    bytes: sizeOf(model),
    dispose: () => undefined,
  }
}

function sizeOf({ feature, value, left, right, defaultLeft, roots, outputs, factors }: XgboostModel): number {
  return [feature, value, left, right, defaultLeft, roots, outputs, factors].reduce((bytes, column) => bytes + column.byteLength, 0)
}
