import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const folder = fileURLToPath(new URL('../fixtures/golden/', import.meta.url))

/** One golden model and what LightGBM computed with it; see tests/fixtures/README.md. */
export interface Golden {
  readonly name: string
  readonly model: string
  readonly bytes: Uint8Array
  readonly arrays: readonly string[]
  readonly featureNames: readonly string[]
  readonly rows: number
  readonly cols: number
  readonly trees: number
  readonly iterations: number
  readonly treesPerIteration: number
  readonly splits: Float64Array
  readonly gains: Float64Array
  doubles(array: string): Float64Array
  integers(array: string): Int32Array
}

export const goldenNames: readonly string[] = readdirSync(folder)
  .map((file) => file.replace('.json.gz', ''))
  .sort()

export function readGolden(name: string): Golden {
  const packed = JSON.parse(gunzipSync(readFileSync(`${folder}${name}.json.gz`)).toString()) as {
    case: {
      rows: number
      cols: number
      trees: number
      iterations: number
      trees_per_iteration: number
      feature_name: string[]
      feature_importance_split: (number | string)[]
      feature_importance_gain: (number | string)[]
    }
    model: string
    arrays: Record<string, string>
  }
  const { case: facts, model, arrays } = packed
  const buffer = (array: string): ArrayBuffer => Uint8Array.from(Buffer.from(arrays[array] ?? '', 'base64')).buffer
  return {
    name,
    model,
    bytes: new TextEncoder().encode(model),
    arrays: Object.keys(arrays),
    featureNames: facts.feature_name,
    rows: facts.rows,
    cols: facts.cols,
    trees: facts.trees,
    iterations: facts.iterations,
    treesPerIteration: facts.trees_per_iteration,
    splits: Float64Array.from(facts.feature_importance_split, toNumber),
    gains: Float64Array.from(facts.feature_importance_gain, toNumber),
    doubles: (array) => new Float64Array(buffer(array)),
    integers: (array) => new Int32Array(buffer(array)),
  }
}

function toNumber(value: number | string): number {
  return Number(String(value).replace('inf', 'Infinity'))
}
