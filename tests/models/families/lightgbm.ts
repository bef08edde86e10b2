import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Booster } from 'lightgbm-wasm'
import { lightgbm } from '../../../src/models/families/lightgbm.js'
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
  const [{ manifest }] = [{ manifest: undefined as never }]
  await t.rejects(lightgbm.open(Uint8Array.of(0x80, 4, 0x95, 0, 0), manifest), {
    reason: 'bad-model',
    message: /is a pickle \(of joblib or sklearn\), not LightGBM's text: pickles are never opened/,
  })
  await t.rejects(lightgbm.open(Uint8Array.of(0x78, 0x9c, 1, 2), manifest), { message: /is compressed/ })
})
