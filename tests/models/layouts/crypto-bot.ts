import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { emptyDirectory } from '../support/models-directory.js'
import { addLayout, layouts, openLayouts, states } from '../support/layouts.js'
import { noOnnxruntime } from '../support/onnxruntime.js'

t.test('a registry: exported networks are served, weights refused with what to do (trap 20)', { skip: noOnnxruntime }, async (t) => {
  const directory = emptyDirectory(t.testdir())
  addLayout(directory, 'crypto-bot')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const found = states(registry)
  t.equal(found['crypto-bot.btcusdt.15m'], 'served')
  t.match(found['crypto-bot.ethusdt.1h'], /^bad-model: cnn_lstm_v1.pth holds PyTorch's weights.*pytorch_to_onnx.py/)
  const model = registry.served('crypto-bot.btcusdt.15m')
  t.match(model.manifest, {
    symbol: 'BTCUSDT',
    timeframe: '15m',
    output: 'class_probabilities',
    classes: ['SHORT', 'NO_TRADE', 'LONG'],
    features: { baseBars: 300, bufferBars: 59 },
  })
  // Trap 19: metrics.json names the features in the frame's order, the scaler was fitted in the sorted one.
  t.equal(model.featureNames[0], 'atr_14@59')
  t.equal(model.featureNames.at(-1), 'volume_change')
})

t.test('scaled, scored, and turned into probabilities', { skip: noOnnxruntime }, async (t) => {
  const directory = emptyDirectory(t.testdir())
  const path = join(addLayout(directory, 'crypto-bot'), 'per_coin/BTCUSDT/15m/scaler.json')
  writeFileSync(path, JSON.stringify({ mean: Array(15).fill(0), scale: Array(15).fill(1) }))
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const { network } = JSON.parse(readFileSync(join(layouts, 'golden.json'), 'utf8')) as { network: number[][] }
  for (const [row, logits] of network.entries()) {
    const values = Float64Array.from({ length: 900 }, (_, k) => Math.fround(Math.sin(row + k / 7)))
    const { raw, pred } = await registry.served('crypto-bot.btcusdt.15m').scoreLater!(values)
    t.ok(
      raw.every((value, k) => Math.abs(value - logits[k]!) < 1e-6),
      `logits of row ${row}`,
    )
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
    t.ok(
      pred.every((value, k) => Math.abs(value - Math.exp(logits[k]!) / sum) < 1e-6),
      `probabilities of row ${row}`,
    )
  }
})

t.test('±∞ in the window: no prediction, as where the scaler raises, and the features are named', { skip: noOnnxruntime }, async (t) => {
  const directory = emptyDirectory(t.testdir())
  addLayout(directory, 'crypto-bot')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const model = registry.served('crypto-bot.btcusdt.15m')
  const names = model.featureNames
  for (const value of [Infinity, -Infinity, 1e39]) {
    // Two rows: only the first one holds it.
    const rows = new Float64Array(2 * names.length).fill(1)
    rows[names.indexOf('volume_change@12')] = value
    const { raw, pred } = await model.scoreLater!(rows)
    for (const scores of [raw, pred]) t.same([...scores].map(Number.isNaN), [true, true, true, false, false, false], String(value))
    t.same(model.inspect(rows.subarray(0, names.length)).nan, ['volume_change@12'])
    t.same(model.inspect(rows.subarray(names.length)).nan, [])
  }
})

t.test('what meta.json and scaler.json say must fit the folder and the network', { skip: noOnnxruntime }, async (t) => {
  const directory = emptyDirectory(t.testdir())
  const zeros = Array<number>(15).fill(0)
  const ones = Array<number>(15).fill(1)
  const wrong: Record<string, [string, Record<string, unknown>, RegExp]> = {
    symbol: ['meta.json', { symbol: 'ETHUSDT' }, /^bad-manifest: meta.json says symbol "ETHUSDT", the folder is BTCUSDT/],
    timeframe: ['meta.json', { timeframe: '1h' }, /^bad-manifest: meta.json says timeframe "1h", the folder is 15m/],
    lookback: ['meta.json', { lookback: 30 }, /^bad-manifest: meta.json says lookback 30, networks of 60 bars/],
    count: ['meta.json', { num_features: 14 }, /^feature-mismatch: meta.json says 14 features, metrics.json names 15/],
    inner: ['meta.json', { dataset_info: { num_features: 16 } }, /^feature-mismatch: meta.json says 16 features, metrics.json names 15/],
    zero: ['scaler.json', { mean: zeros, scale: ones.with(3, 0) }, /^bad-manifest: scaler.json: scale of bb_upper is 0/],
    negative: ['scaler.json', { mean: zeros, scale: ones.with(0, -1) }, /^bad-manifest: scaler.json: scale of atr_14 is -1/],
  }
  const edit = (as: string, file: string, change: Record<string, unknown>) => {
    const path = join(addLayout(directory, 'crypto-bot', as), 'per_coin/BTCUSDT/15m', file)
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...change }))
    return path
  }
  for (const [as, [file, change]] of Object.entries(wrong)) edit(as, file, change)
  writeFileSync(
    edit('huge', 'scaler.json', {}),
    `{"mean": ${JSON.stringify(zeros)}, "scale": ${JSON.stringify(ones).replace('1', '1e999')}}`,
  )
  edit('lower-case', 'meta.json', { symbol: 'btcusdt' })
  edit('silent', 'meta.json', { symbol: null, timeframe: null, lookback: null, num_features: null, dataset_info: null })
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  const found = states(registry)
  for (const [as, [, , why]] of Object.entries(wrong)) t.match(found[`${as}.btcusdt.15m`], why, as)
  t.match(found['huge.btcusdt.15m'], /^bad-manifest: scaler.json: scale must be 15 finite numbers/)
  for (const as of ['lower-case', 'silent']) t.equal(found[`${as}.btcusdt.15m`], 'served', as)
})

t.test('without a scaler, or with one that does not fit, nothing is served', async (t) => {
  const directory = emptyDirectory(t.testdir())
  rmSync(join(addLayout(directory, 'crypto-bot', 'none'), 'per_coin/BTCUSDT/15m/scaler.json'))
  writeFileSync(join(addLayout(directory, 'crypto-bot', 'short'), 'per_coin/BTCUSDT/15m/scaler.json'), '{"mean": [1], "scale": [1]}')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.match(states(registry)['none.btcusdt.15m'], /scaler.json is missing: a pickled scaler is never opened/)
  t.match(states(registry)['short.btcusdt.15m'], /mean must be 15 finite numbers/)
})
