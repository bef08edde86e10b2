import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { xgboost } from '../../../src/models/families/xgboost.js'
import type { Manifest } from '../../../src/models/model.js'
import { readXgboost } from '../../../src/models/xgboost/read-xgboost.js'
import { type Example, familyContract } from './support/contract.js'

const fixtures = join(import.meta.dirname, '../../fixtures/xgboost/v3')

interface Golden {
  readonly row: readonly (number | null)[]
  readonly margin: readonly number[]
  readonly pred: readonly number[]
}

/** A model of the real XGBoost, with rows and what it gave for them. */
function example(name: string, extension: 'json' | 'ubj'): Example {
  const bytes = gunzipSync(readFileSync(join(fixtures, `${name}.${extension}.gz`)))
  const lines = gunzipSync(readFileSync(join(fixtures, `${name}.golden.jsonl.gz`)))
    .toString()
    .trim()
    .split('\n')
  const golden = lines.map((line) => JSON.parse(line) as Golden)
  return {
    title: `${name}.${extension}`,
    bytes,
    names: readXgboost(bytes).featureNames,
    nInputs: golden[0]!.row.length,
    nOutputs: golden[0]!.margin.length,
    rows: Float64Array.from(golden.flatMap(({ row }) => row.map((value) => value ?? Number.NaN))),
    raw: Float64Array.from(golden.flatMap(({ margin }) => margin)),
    pred: Float64Array.from(golden.flatMap(({ pred }) => pred)),
  }
}

t.test('classes instead of probabilities are refused, with what to train', async (t) => {
  const model = JSON.parse(Buffer.from(example('softprob', 'json').bytes).toString()) as { learner: { objective: { name: string } } }
  model.learner.objective.name = 'multi:softmax'
  const bytes = Buffer.from(JSON.stringify(model))
  const open = (output: string) => xgboost.open(bytes, { output } as Manifest)
  await t.rejects(open('class_probabilities'), { reason: 'bad-manifest', message: /multi:softmax .* train with multi:softprob/ })
  t.equal((await open('score')).nOutputs, 1)
})

familyContract(
  t,
  xgboost,
  {
    precision: 'float32',
    missing: 'is scored',
    tolerance: 0,
    // Plain arrays: there is nothing that could be gone.
    saysDisposed: false,
    wrong: {
      'other JSON': new TextEncoder().encode('{"learner": 1}'),
      'a text model of LightGBM': new TextEncoder().encode('tree\nversion=v4\n'),
    },
  },
  [example('squared', 'ubj'), example('binary', 'json'), example('softprob', 'ubj'), example('dart', 'json')],
)
