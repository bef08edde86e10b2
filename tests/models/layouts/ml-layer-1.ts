import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { emptyDirectory } from '../support/models-directory.js'
import { addLayout, layouts, openLayouts, states } from '../support/layouts.js'
import { noOnnxruntime } from '../support/onnxruntime.js'

const golden = JSON.parse(readFileSync(join(layouts, 'golden.json'), 'utf8')) as Record<string, number[][]>
/** The rows that the golden values were made of: value k of row r is float32(sin(r + k/7)). */
const madeUp = (row: number, size: number) => Float64Array.from({ length: size }, (_, k) => Math.fround(Math.sin(row + k / 7)))

t.test('a models directory: horizons as text or ONNX, and the sequence model', { skip: noOnnxruntime }, async (t) => {
  const directory = emptyDirectory(t.testdir())
  addLayout(directory, 'layer-one')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.same(states(registry), { 'layer-one.h1': 'served', 'layer-one.h2': 'served', 'layer-one.sequence': 'served' })
  const h1 = registry.served('layer-one.h1')
  t.equal(h1.manifest.family, 'lightgbm', 'text is preferred')
  t.match(h1.manifest, { timeframe: '1m', horizonBars: 1, output: 'log_return', features: { catalogue: 'ml-layer-1', baseBars: 60 } })
  t.equal(h1.featureNames[0], 'm00_open')
  t.equal(h1.featureNames.at(-1), 'm59_price_position')
  t.equal(registry.served('layer-one.h2').manifest.family, 'onnx')
  t.equal(registry.served('layer-one.sequence').nOutputs, 5)
})

t.test('normalised values give what the runtime gives', { skip: noOnnxruntime }, async (t) => {
  const directory = emptyDirectory(t.testdir())
  const path = addLayout(directory, 'layer-one')
  const neutral = { mean: Array<number>(27).fill(0), std: Array<number>(27).fill(1) }
  writeFileSync(join(path, 'normalization_params_v1.json'), JSON.stringify(neutral))
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  for (const [name, key] of [
    ['layer-one.sequence', 'mamba'],
    ['layer-one.h2', 'horizon-2'],
  ] as const) {
    for (const [row, expected] of golden[key]!.entries()) {
      const { raw } = await registry.served(name).scoreLater!(madeUp(row, 1620))
      t.ok(
        raw.every((value, k) => Math.abs(value - expected[k]!) < 1e-6),
        `${name}, row ${row}`,
      )
    }
  }
})

t.test('trap 18: without the normalisation nothing is served; with a broken one neither', async (t) => {
  const directory = emptyDirectory(t.testdir())
  rmSync(join(addLayout(directory, 'layer-one', 'missing'), 'normalization_params_v1.json'))
  const spoil = (as: string, change: object) => {
    const file = join(addLayout(directory, 'layer-one', as), 'normalization_params_v1.json')
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...change }))
  }
  spoil('short', { mean: [1, 2] })
  spoil('no-numbers', { std: Array(27).fill('1') })
  spoil('other-names', { feature_names: Array(27).fill('open') })
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const found = states(registry)
  t.match(found['missing.h1'], /^bad-manifest: normalization_params_v1.json is missing: without it the models would see raw values/)
  t.match(found['short.h1'], /mean must be 27 finite numbers/)
  t.match(found['no-numbers.h1'], /std must be 27 finite numbers/)
  t.match(found['other-names.h1'], /^feature-mismatch: .*feature_names are not those of the catalogue/)
})

t.test('trap 12: the VWAP of the Rust service is an option', async (t) => {
  const directory = emptyDirectory(t.testdir())
  writeFileSync(join(addLayout(directory, 'layer-one'), 'barcast.json'), '{"vwap": "cumulative", "base_bars": 60}')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.equal(registry.served('layer-one.h1').featureNames[25], 'm00_vwap_deviation_cumulative')
})

t.test('trap 14: a longer history is an option', async (t) => {
  const directory = emptyDirectory(t.testdir())
  writeFileSync(join(addLayout(directory, 'layer-one'), 'barcast.json'), '{"base_bars": 240}')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.equal(registry.served('layer-one.h1').manifest.features.baseBars, 240)
})

t.test('an ONNX file that is another model than the text beside it is refused', { skip: noOnnxruntime }, async (t) => {
  const directory = emptyDirectory(t.testdir())
  const path = addLayout(directory, 'layer-one')
  writeFileSync(join(path, 'lgbm_horizon_1.onnx'), readFileSync(join(path, 'lgbm_horizon_2.onnx')))
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.match(states(registry)['layer-one.h1'], /^golden-mismatch: lgbm_horizon_1.onnx is another model than the text beside it/)
})

t.test('a text that is broken is told by its own name', async (t) => {
  const directory = emptyDirectory(t.testdir())
  for (const [as, content] of [
    ['broken', 'tree\nversion=v4\nnonsense'],
    ['compressed', Buffer.of(0x1f, 0x8b, 8, 0)],
  ] as const)
    writeFileSync(join(addLayout(directory, 'layer-one', as), 'lgbm_horizon_1.txt'), content)
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.match(states(registry)['broken.h1'], /^bad-model: lgbm_horizon_1.txt, line \d/)
  t.match(states(registry)['compressed.h1'], /^bad-model: lgbm_horizon_1.txt is compressed \(gzip\), not LightGBM's text/)
})

t.test('TorchScript is not read', async (t) => {
  const directory = emptyDirectory(t.testdir())
  const path = addLayout(directory, 'layer-one')
  rmSync(join(path, 'mamba.onnx'))
  writeFileSync(join(path, 'mamba.pt'), 'PK')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.match(states(registry)['layer-one.sequence'], /mamba.pt is TorchScript, which is not read: export it to mamba.onnx/)
})
