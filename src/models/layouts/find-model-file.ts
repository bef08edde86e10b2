import { readdir } from 'node:fs/promises'
import { familyKey } from '../../family-key.js'
import type { Manifest } from '../model.js'
import { Refused } from '../refused.js'

/**
 * The file of FoxML's that is read, and nothing else: every other file of a model is a pickle or needs the library that wrote it.
 * @param family as the folder names it
 * @throws Refused `bad-model`, with the script that exports what is not read
 */
export async function findModelFile(path: string, family: string): Promise<Pick<Manifest, 'family' | 'file'>> {
  const names = new Set(await readdir(path))
  if (names.has('model.onnx')) return { family: 'onnx', file: 'model.onnx' }
  if (names.has('model.ubj')) return { family: 'xgboost', file: 'model.ubj' }
  if (names.has('model.json')) return { family: 'xgboost', file: 'model.json' }
  if (names.has('model.txt')) {
    const key = familyKey(family)
    if (['lightgbm', 'quantilelightgbm'].includes(key)) return { family: 'lightgbm', file: 'model.txt' }
    throw new Refused('bad-model', `model.txt of the family ${family} is not LightGBM's; export the model to ONNX (examples/export)`)
  }
  const closed = ['model.pkl', 'model.joblib', 'model.h5', 'model.keras', 'model.pt', 'model.cbm', 'model'].find((name) => names.has(name))
  if (closed === undefined) throw new Refused('bad-model', 'there is no model file')
  const why =
    closed.endsWith('.pkl') || closed.endsWith('.joblib')
      ? 'pickles are never opened, because they execute code'
      : 'it needs the library that wrote it'
  throw new Refused('bad-model', `${closed} is not read: ${why}; export it with the scripts in examples/export`, {
    code: 'export-needed',
    file: closed,
  })
}
