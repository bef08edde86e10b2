import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { readXgboost } from '../../../src/models/xgboost/read-xgboost.js'
import { scoreXgboost, transformMargins } from '../../../src/models/xgboost/score-xgboost.js'

const fixtures = join(import.meta.dirname, '../../fixtures/xgboost')

interface Golden {
  readonly row: readonly (number | null)[]
  readonly margin: readonly number[]
  readonly pred: readonly number[]
}

for (const version of ['v1', 'v2', 'v3']) {
  const folder = join(fixtures, version)
  for (const file of readdirSync(folder).filter((name) => /\.(json|ubj)\.gz$/.test(name))) {
    t.test(`${version} ${file}: margins and predictions of the real XGBoost, bit for bit`, (t) => {
      const model = readXgboost(gunzipSync(readFileSync(join(folder, file))))
      const golden = readRows(join(folder, file.replace(/\.(json|ubj)\.gz$/, '.golden.jsonl.gz')))
      const rows = Float64Array.from(golden.flatMap(({ row }) => row.map((value) => value ?? Number.NaN)))
      const margins = scoreXgboost(model, rows)
      // For multi:softmax Python answers the margins' classes only.
      if (model.objective !== 'multi:softmax') {
        t.same(margins, Float32Array.from(golden.flatMap(({ margin }) => margin)), 'margins')
      }
      t.same(transformMargins(model, margins), Float32Array.from(golden.flatMap(({ pred }) => pred)), 'predictions')
      t.ok(golden.length >= 36)
      t.end()
    })
  }
}

function readRows(path: string): Golden[] {
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n')
  return lines.map((line) => JSON.parse(line) as Golden)
}
