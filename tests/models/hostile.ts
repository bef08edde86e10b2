import { closeSync, cpSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { addBundle, emptyDirectory } from './support/models-directory.js'
import { addLayout, openLayouts, states } from './support/layouts.js'
import { noOnnxruntime } from './support/onnxruntime.js'

const megabytes = 2 ** 20

/** A models directory with one sound bundle; what its models are once they are loaded, and that the sound one scores. */
async function serve(t: Test, directory: string): Promise<Record<string, string>> {
  addBundle(directory, 'sound')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const sound = registry.served('sound')
  t.ok(Number.isFinite(sound.score(new Float64Array(sound.featureNames.length)).raw[0]), 'the others serve on')
  return states(registry)
}

/** A file of `size` bytes that begins with `text`; the rest are holes, or the same text over and over. */
function writeLarge(path: string, text: string, size: number, isRepeated: boolean): void {
  const file = openSync(path, 'w')
  const block = Buffer.alloc(megabytes, isRepeated ? text : 0)
  if (!isRepeated) writeSync(file, text)
  for (let at = 0; isRepeated && at < size; at += block.length) writeSync(file, block)
  ftruncateSync(file, size)
  closeSync(file)
}

t.test('100 MB of JSON, wherever it may lie, is refused before it is read', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const bundle = (name: string, file: string, text: string, isRepeated: boolean, more: Record<string, unknown> = {}) => {
    const added = addBundle(directory, name)
    added.editManifest({ sha256: undefined, ...more })
    if (file !== 'model.txt') rmSync(join(added.path, 'model.txt'))
    writeLarge(join(added.path, file), text, 100 * megabytes, isRepeated)
  }
  bundle('sparse-manifest', 'model.json', '{"version": "1"', false)
  bundle('long-manifest', 'model.json', '{"a":', true)
  bundle('deep-xgboost', 'xgb.json', '{"a":', true, { family: 'xgboost', file: 'xgb.json' })
  bundle('flat-xgboost', 'xgb.json', '{"a":1}  ', true, { family: 'xgboost', file: 'xgb.json' })
  bundle('sparse-ubjson', 'model.ubj', '{L', false, { family: 'xgboost' })
  bundle('sparse-text', 'model.txt', 'tree\n', false)
  bundle('golden', 'golden.jsonl', '{"features": {', true)
  const fox = join(addLayout(directory, 'foxml-run', 'fox'), 'targets/fwd_ret_60m/models/view=CROSS_SECTIONAL/family=lightgbm')
  writeLarge(join(fox, 'model_meta.json'), '{"features": ["', 100 * megabytes, true)
  const layer = addLayout(directory, 'layer-one', 'layer')
  writeLarge(join(layer, 'normalization_params_v1.json'), '{"mean": [', 100 * megabytes, true)

  const found = await serve(t, directory)
  const size = 100 * megabytes
  t.equal(found['sparse-manifest'], `bad-manifest: model.json has ${size} bytes, at most ${megabytes} are read`)
  t.match(found['long-manifest'], /^bad-manifest: model.json has \d+ bytes/)
  t.match(found['deep-xgboost'], /^bad-model: .*104857600 bytes of JSON, at most 67108864 are read; save the model as UBJSON/)
  t.match(found['flat-xgboost'], /^bad-model: .*bytes of JSON/)
  t.match(found['sparse-ubjson'], /^bad-model: the XGBoost model cannot be read/)
  t.match(found['sparse-text'], /^bad-model: model.txt, /)
  t.match(found.golden, /^bad-model: model.txt is missing/)
  t.match(found['fox.fwd_ret_60m.lightgbm'], /^bad-manifest: model_meta.json has \d+ bytes, at most \d+ are read/)
  t.match(found['layer.h1'], /^bad-manifest: normalization_params_v1.json has \d+ bytes/)
})

t.test('JSON below the limits that nests without end is refused before it is parsed', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const added = addBundle(directory, 'xgb')
  added.editManifest({ sha256: undefined, family: 'xgboost', file: 'xgb.json' })
  writeLarge(join(added.path, 'xgb.json'), '{"a":', 60 * megabytes, true)
  const fox = join(addLayout(directory, 'foxml-run', 'fox'), 'targets/fwd_ret_60m/models/view=CROSS_SECTIONAL/family=lightgbm')
  writeLarge(join(fox, 'model_meta.json'), '{"a":', 15 * megabytes, true)
  const found = await serve(t, directory)
  t.match(found.xgb, /^bad-model: .*more than 64 levels/)
  t.match(found['fox.fwd_ret_60m.lightgbm'], /^bad-manifest: model_meta.json nests deeper than 100 levels/)
})

t.test('links that leave the models directory are not followed, from no layout', async (t) => {
  const outside = emptyDirectory(t.testdir(), 'outside')
  const directory = emptyDirectory(outside, '../models')
  const secret = join(outside, 'secret')
  writeFileSync(secret, '{"version": "1"}')
  const replace = (path: string) => {
    rmSync(path, { force: true })
    symlinkSync(secret, path)
  }
  for (const file of ['model.json', 'model.txt', 'golden.jsonl']) replace(join(addBundle(directory, `link-${file}`).path, file))
  const fox = (as: string) => join(addLayout(directory, 'foxml-run', as), 'targets/fwd_ret_60m/models/view=CROSS_SECTIONAL/family=lightgbm')
  replace(join(fox('fox-meta'), 'model_meta.json'))
  replace(join(fox('fox-model'), 'model.txt'))
  replace(join(fox('fox-own'), 'barcast.json'))
  replace(join(addLayout(directory, 'layer-one', 'layer'), 'normalization_params_v1.json'))
  replace(join(addLayout(directory, 'crypto-bot', 'crypto'), 'per_coin/BTCUSDT/15m/scaler.json'))
  const whole = addBundle(outside, 'whole')
  symlinkSync(whole.path, join(directory, 'link-folder'))
  symlinkSync(join(directory, 'link-loop'), join(directory, 'link-loop'))

  const found = await serve(t, directory)
  for (const [name, file] of Object.entries({
    'link-model.json': 'model.json',
    'link-model.txt': 'model.txt',
    'link-golden.jsonl': 'golden.jsonl',
    'link-folder': 'model.json',
    'fox-meta.fwd_ret_60m.lightgbm': 'model_meta.json',
    'fox-model.fwd_ret_60m.lightgbm': 'model.txt',
    'fox-own.fwd_ret_60m.lightgbm': 'barcast.json',
    'layer.h1': 'normalization_params_v1.json',
    'crypto.btcusdt.15m': 'scaler.json',
  })) {
    t.match(found[name], new RegExp(`^\\S+: ${file} is a link that leaves the models directory; copy the file instead$`), name)
  }
  t.match(found['link-loop'], /a link that leads nowhere/)
})

t.test('names that would lead elsewhere', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const outside = addBundle(directory, '../outside')
  for (const [k, file] of ['../outside/model.txt', '/etc/passwd', '..', 'a/b.txt', '.hidden', ''].entries()) {
    addBundle(directory, `file-${k}`).editManifest({ file, sha256: undefined })
  }
  cpSync(outside.path, join(directory, 'Not A Name'), { recursive: true })
  mkdirSync(join(directory, 'crypto/per_coin/..BTC/15m'), { recursive: true })
  writeFileSync(join(directory, 'crypto/per_coin/..BTC/15m/cnn_lstm_v1.onnx'), '')
  const found = await serve(t, directory)
  for (let k = 0; k < 6; k++) t.match(found[`file-${k}`], /^bad-manifest: model.json: \/file: /, `file-${k}`)
  t.match(found['Not A Name'], /^bad-manifest: the folder's name is no model name/)
  t.notOk(Object.keys(found).some((name) => name.includes('..')))
})

t.test('what is no ordinary file is not read', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const { path } = addBundle(directory, 'folder')
  rmSync(join(path, 'model.txt'))
  mkdirSync(join(path, 'model.txt'))
  t.match((await serve(t, directory)).folder, /^bad-model: model.txt is no ordinary file/)
})

t.test('an ONNX model whose weights lie in another file, also outside', async (t) => {
  const directory = emptyDirectory(t.testdir())
  for (const [k, location] of ['../../../../etc/passwd', '/etc/passwd', 'weights.bin', 'package.json', 'docs/../package.json'].entries()) {
    const added = addBundle(directory, `external-${k}`)
    const { path } = added
    rmSync(join(path, 'golden.jsonl'))
    writeFileSync(join(path, 'model.onnx'), onnxWithExternalData(location))
    writeFileSync(join(path, 'weights.bin'), Buffer.alloc(8))
    const feature_names = ['close_rsi_14_1H', 'close_rsi_14_4H']
    added.editManifest({ sha256: undefined, family: 'onnx', onnx: { shape: [2] }, output: 'score', feature_names })
  }
  const found = await serve(t, directory)
  for (let k = 0; k < 5; k++)
    t.match(found[`external-${k}`], /^bad-model: the ONNX model keeps values in other files/, `external-${k}: ${found[`external-${k}`]}`)
})

t.test('a file that claims other features than its model has', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const fox = join(addLayout(directory, 'foxml-run', 'fox'), 'targets/fwd_ret_60m/models/view=CROSS_SECTIONAL')
  const edit = (family: string, change: (meta: Record<string, unknown>) => void) => {
    const path = join(fox, `family=${family}/model_meta.json`)
    const meta = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    change(meta)
    writeFileSync(path, JSON.stringify(meta))
  }
  const others = ['ret_1d', 'ret_5d', 'ret_10d', 'ret_20d', 'vol_5d', 'vol_10d', 'vol_20d', 'rsi_7']
  edit('lightgbm', (meta) => Object.assign(meta, { features: others, feature_names: others, feature_list: [...others].sort() }))
  edit('QuantileLightGBM', (meta) => Object.assign(meta, { features: ['ret_1d'], feature_names: ['ret_1d'], feature_list: ['ret_1d'] }))
  const bundle = addBundle(directory, 'bundle')
  bundle.editManifest({ feature_names: ['close_rsi_14_1H'] })
  const found = await serve(t, directory)
  t.match(found['fox.fwd_ret_60m.lightgbm'], /^feature-mismatch: model_meta.json does not list \d of the features in the model's file: /)
  t.match(found['fox.fwd_ret_60m.quantilelightgbm'], /^feature-mismatch: model_meta.json lists 1 features, the model takes 8/)
  t.match(found.bundle, /^feature-mismatch: model.json names 1 features, the model takes 176: feature_names must list every input once/)
})

t.test('a network of more inputs than its manifest names', { skip: noOnnxruntime }, async (t) => {
  const directory = emptyDirectory(t.testdir())
  const add = (name: string, more: Record<string, unknown>) => {
    const added = addBundle(directory, name)
    for (const file of ['model.txt', 'golden.jsonl']) rmSync(join(added.path, file))
    cpSync(join(import.meta.dirname, '../fixtures/onnx/asked.onnx'), join(added.path, 'model.onnx'))
    added.editManifest({ sha256: undefined, family: 'onnx', output: 'score', onnx: { shape: [2] }, ...more })
  }
  add('few', { feature_names: ['close_rsi_14_1H'] })
  add('many', { feature_names: ['close_rsi_14_1H', 'close_rsi_14_4H', 'close_adx_14_4H'] })
  add('none', {})
  add('right', { feature_names: ['close_rsi_14_1H', 'close_rsi_14_4H'] })
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.match(registry.entry('few'), {
    ...{ state: 'refused', reason: 'feature-mismatch', extras: { named: 1, inputs: 2 } },
    detail: /^model.json names 1 features, the model takes 2: feature_names must list every input once, in the order/,
  })
  t.match(registry.entry('many'), { reason: 'feature-mismatch', extras: { named: 3, inputs: 2 } })
  t.match(registry.entry('none'), { reason: 'bad-manifest', detail: /feature_names is needed: the model takes 2 features/ })
  t.equal(registry.entry('right')?.state, 'served')
})

/** y = x·w with w outside the file: protobuf by hand, as no writer of ONNX is here. */
function onnxWithExternalData(location: string): Buffer {
  const field = (number: number, value: number | string | Buffer): Buffer => {
    if (typeof value === 'number') return Buffer.from([number << 3, value])
    const bytes = Buffer.from(value)
    return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
  }
  const all = (...fields: Buffer[]) => Buffer.concat(fields)
  const FLOAT = 1
  const tensorType = (...sizes: number[]) =>
    field(2, field(1, all(field(1, FLOAT), field(2, all(...sizes.map((size) => field(1, field(1, size))))))))
  const entry = (key: string, value: string) => field(13, all(field(1, key), field(2, value)))
  const weights = all(
    field(1, 2),
    field(1, 1),
    field(2, FLOAT),
    field(8, 'w'),
    entry('location', location),
    entry('length', '8'),
    field(14, 1),
  )
  const node = all(field(1, 'x'), field(1, 'w'), field(2, 'y'), field(4, 'MatMul'))
  const graph = all(
    ...[field(1, node), field(2, 'g'), field(5, weights)],
    ...[field(11, all(field(1, 'x'), tensorType(1, 2))), field(12, all(field(1, 'y'), tensorType(1, 1)))],
  )
  return all(field(1, 8), field(7, graph), field(8, field(2, 13)))
}
