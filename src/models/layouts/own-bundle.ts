import { join } from 'node:path'
import { describeBundle } from '../load-bundle.js'
import { modelName } from '../model-rules.js'
import type { Layout } from './layout.js'

/** barcast's own: a folder with `model.json`, the model's file and perhaps `golden.jsonl`. The last one asked: what nobody else knows is a bundle without a manifest. */
export const ownBundle: Layout = {
  name: 'bundle',
  find({ name, path, files }, rules) {
    if (!modelName.test(name) && !files.has('model.json') && !files.has('model.txt')) return Promise.resolve(undefined)
    const known = ['model.json', 'model.txt', 'golden.jsonl', ...[...files].filter((file) => /^model\.|\.(ubj|onnx)$/.test(file))]
    return Promise.resolve([
      { name, path: name, files: [...new Set(known)].sort().map((file) => join(path, file)), describe: () => describeBundle(name, rules) },
    ])
  },
}
