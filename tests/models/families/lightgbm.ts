import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { Booster } from 'lightgbm-wasm'
import { lightgbm } from '../../../src/models/families/lightgbm.js'
import type { Manifest } from '../../../src/models/model.js'
import { samples } from '../support/models-directory.js'
import { type Example, familyContract } from './support/contract.js'

interface Golden {
  readonly features: Readonly<Record<string, number | string | null>>
  readonly raw: readonly number[]
}

/** A sample bundle with its golden rows, which LightGBM made. */
async function example(name: string): Promise<Example> {
  const bytes = readFileSync(join(samples, name, 'model.txt'))
  const lines = readFileSync(join(samples, name, 'golden.jsonl'), 'utf8')
    .trim()
    .split('\n')
  const golden = lines.map((line) => JSON.parse(line) as Golden)
  const booster = await Booster.load(bytes)
  const names = booster.featureName()
  const rows = Float64Array.from(golden.flatMap(({ features }) => names.map((each) => toNumber(features[each]!))))
  const raw = Float64Array.from(golden.flatMap((row) => row.raw))
  const nOutputs = golden[0]!.raw.length
  const pred = name === 'crypto-up-4h' ? raw.map((value) => 1 / (1 + Math.exp(-value))) : nOutputs > 1 ? booster.predict(rows) : raw
  booster.dispose()
  return { title: name, bytes, names, nInputs: names.length, nOutputs, rows, raw, pred }
}

function toNumber(value: number | string | null): number {
  return value === null ? Number.NaN : typeof value === 'number' ? value : value === 'inf' ? Infinity : -Infinity
}

familyContract(
  t,
  lightgbm,
  {
    precision: 'float64',
    missing: 'is scored',
    tolerance: 0,
    saysDisposed: true,
    wrong: { 'a zip archive': Uint8Array.of(0x50, 0x4b, 3, 4), 'a model of XGBoost': new TextEncoder().encode('{"learner": {}}') },
  },
  await Promise.all(['crypto-up-4h', 'btcusdt-move-24h', 'btcusdt-logret-168h-q05'].map(example)),
)

t.test('trap 3: a pickle under the name of a text model is named as what it is, and not opened', async (t) => {
  const open = (content: Uint8Array | string, file?: string) =>
    lightgbm.open(typeof content === 'string' ? Buffer.from(content, 'latin1') : content, { file } as Manifest)
  // What Python's pickle writes by protocols 4, 0 and 1: a model, a list, a dictionary, a set.
  const pickles = [
    Uint8Array.of(0x80, 4, 0x95, 0, 0),
    'ccopy_reg\n_reconstructor\np0\n(clightgbm.sklearn\nLGBMRegressor\np1\ntRp2\n.',
    'ccopy_reg\n_reconstructor\nq\0(clightgbm.sklearn\nLGBMRegressor\nq\x01tRq\x02.',
    '(lp0\nI1\naI2\na.',
    ']q\0(K\x01K\x02e.',
    '(dp0\nVa\np1\nI1\ns.',
    '}q\0X\x01\0\0\0aq\x01K\x01s.',
    'c__builtin__\nset\np0\n((lp1\nI1\natp2\nRp3\n.',
  ]
  for (const content of pickles) {
    await t.rejects(open(content), {
      reason: 'bad-model',
      message: /^model.txt is a pickle \(of joblib or sklearn\), not LightGBM's text: pickles are never opened/,
    })
  }
  const compressed = {
    zlib: deflateSync('x'),
    gzip: gzipSync('x'),
    bz2: 'BZh91AY',
    xz: '\xfd7zXZ\0',
    lzma: ']\0\0\x80\0',
    lz4: '\x04"M\x18',
  }
  for (const [what, content] of Object.entries(compressed))
    await t.rejects(open(content, 'other.txt'), {
      message: new RegExp(`^other.txt is compressed \\(${what}\\).*save_model\\("other.txt"\\)`),
    })
  for (const content of ['column one\ntwo\n.', '(an aside).', '(in short).', 'Could not be found.', ''])
    await t.rejects(open(content), { message: /^model.txt, line/ }, 'a text that is no model is no pickle')
})
