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
  isBeside: false,
  async open(bytes, manifest) {
    const booster = await load(bytes, manifest.file ?? 'model.txt')
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

async function load(bytes: Uint8Array, file: string): Promise<Booster> {
  refuseWhatIsNoText(bytes, file)
  try {
    return await Booster.load(bytes)
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error
    throw new Refused('bad-model', `${file}, ${error.message}`, { line: error.line, code: error.code }, { cause: error })
  }
}

/** A pickle under the name of a text model is a common find: say so, and never open it. */
function refuseWhatIsNoText(bytes: Uint8Array, file: string): void {
  const what = isPickle(bytes) ? 'a pickle (of joblib or sklearn)' : containers.find(({ start }) => startsWith(bytes, start))?.what
  if (what === undefined) return
  throw new Refused(
    'bad-model',
    `${file} is ${what}, not LightGBM's text: pickles are never opened, because they execute code; save it again with booster_.save_model("${file}")`,
    { code: 'pickle' },
  )
}

/** Joblib compresses its pickles as it is told: zlib, gzip, bz2, xz, lzma, lz4. */
const containers: readonly { readonly what: string; readonly start: readonly number[] }[] = [
  { what: 'a zip archive', start: [0x50, 0x4b] },
  ...[0x01, 0x5e, 0x9c, 0xda].map((level) => ({ what: 'compressed (zlib)', start: [0x78, level] })),
  { what: 'compressed (gzip)', start: [0x1f, 0x8b] },
  { what: 'compressed (bz2)', start: [0x42, 0x5a, 0x68] },
  { what: 'compressed (xz)', start: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { what: 'compressed (lzma)', start: [0x5d, 0x00, 0x00] },
  { what: 'compressed (lz4)', start: [0x04, 0x22, 0x4d, 0x18] },
  { what: 'compressed (zstd)', start: [0x28, 0xb5, 0x2f, 0xfd] },
]

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, k) => bytes[k] === byte)
}

/** Protocols 2 to 5 say so in two bytes. 0 and 1 do not: an object names its class first, a list or dictionary opens, and a full stop ends them all. */
function isPickle(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x80) return bytes[1]! >= 2 && bytes[1]! <= 5
  if (bytes.at(-1) !== 0x2e) return false
  return /^(c[\w.]+\n[\w.]+\n|\(([ld][pq]|[ci][\w.]+\n)|[\]}]q)/.test(Buffer.from(bytes.subarray(0, 200)).toString('latin1'))
}
