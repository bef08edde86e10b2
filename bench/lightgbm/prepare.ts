import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One trained model with its held-out rows: first the ordinary ones, then the hostile ones. */
export interface Model {
  name: string
  modelPath: string
  rowsPath: string
  columns: number
  ordinary: number
  hostile: number
  outputs: number
  trees: number
  nodes: number
  leaves: number
  timed: boolean
  /** Prediction parameters as LightGBM writes them, `pred_early_stop=true …`, or empty. */
  predict: string
}

export interface Bench {
  models: readonly Model[]
  harness: readonly string[]
  versions: Readonly<Record<string, string>>
}

const native = fileURLToPath(new URL('../native/', import.meta.url))
const cache = fileURLToPath(new URL('../.cache/', import.meta.url))

/** Builds the native harness and trains what is not in the cache yet. `python` has to have LightGBM. */
export function prepare(python: string, seed: number): Bench {
  const about = execFileSync(python, ['-c', 'import lightgbm, numpy; print(lightgbm.__file__, lightgbm.__version__, numpy.__version__)'], {
    encoding: 'utf8',
  })
  const [packagePath = '', lightgbm = '', numpy = ''] = about.trim().split(' ')
  execFileSync('make', ['-s', '-C', native], { stdio: 'inherit' })
  const folder = join(cache, 'models', `seed-${seed}`)
  execFileSync(python, [join(native, 'train_models.py'), folder, '--seed', String(seed)], { stdio: ['ignore', 'inherit', 'inherit'] })
  const library = join(packagePath, '..', 'lib', 'lib_lightgbm.so')
  return { models: modelsIn(folder), harness: [join(cache, 'harness'), library], versions: { lightgbm, numpy } }
}

function modelsIn(folder: string): Model[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'case.json')))
    .map((name) => ({
      ...(JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8')) as Omit<Model, 'modelPath' | 'rowsPath'>),
      modelPath: join(folder, name, 'model.txt'),
      rowsPath: join(folder, name, 'rows.f64'),
    }))
    .sort((a, b) => Number(b.timed) - Number(a.timed) || (a.name < b.name ? -1 : 1))
}
