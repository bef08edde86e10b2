import { Booster, ModelFormatError, version } from 'lightgbm-wasm'
import { doubts } from '../doubts.js'
import { createInspector } from '../inspect-row.js'
import { Refused } from '../refused.js'
import type { Family } from './family.js'

/** LightGBM's text models (gbdt, dart, rf, quantile and all): raw scores, bit for bit. */
export const lightgbm: Family = {
  name: 'lightgbm',
  file: 'model.txt',
  maxBytes: 2 ** 29,
  goldenTolerance: 0,
  async open(bytes) {
    const booster = await load(bytes)
    return {
      featureNames: booster.featureName(),
      nInputs: booster.numFeature(),
      nOutputs: booster.numModelPerIteration(),
      precision: 'float64',
      label: version,
      score: (rows) => ({ raw: booster.predict(rows, { rawScore: true }), pred: booster.predict(rows) }),
      scoreLater: undefined,
      inspect: createInspector(booster),
      doubts: (manifest, unreproducible) => doubts(booster, manifest, unreproducible),
      bytes: booster.memoryBytes,
      dispose: () => booster.dispose(),
    }
  },
}

async function load(bytes: Uint8Array): Promise<Booster> {
  refuseWhatIsNoText(bytes)
  try {
    return await Booster.load(bytes)
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error
    throw new Refused('bad-model', `model.txt, ${error.message}`, { line: error.line, code: error.code }, { cause: error })
  }
}

/** A pickle under the name of a text model is a common find: say so, and never open it. */
function refuseWhatIsNoText(bytes: Uint8Array): void {
  const isPickle = bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b
  const isZlib = bytes[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(bytes[1]!)
  if (!isPickle && !isZip && !isZlib) return
  const what = isPickle ? 'a pickle (of joblib or sklearn)' : isZip ? 'a zip archive' : 'compressed'
  throw new Refused(
    'bad-model',
    `model.txt is ${what}, not LightGBM's text: pickles are never opened, because they execute code; save it again with booster_.save_model("model.txt")`,
    { code: 'pickle' },
  )
}
