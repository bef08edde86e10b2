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

t.test('without a scaler, or with one that does not fit, nothing is served', async (t) => {
  const directory = emptyDirectory(t.testdir())
  rmSync(join(addLayout(directory, 'crypto-bot', 'none'), 'per_coin/BTCUSDT/15m/scaler.json'))
  writeFileSync(join(addLayout(directory, 'crypto-bot', 'short'), 'per_coin/BTCUSDT/15m/scaler.json'), '{"mean": [1], "scale": [1]}')
  const registry = await openLayouts(directory)
  t.teardown(() => registry.close())
  t.match(states(registry)['none.btcusdt.15m'], /scaler.json is missing: a pickled scaler is never opened/)
  t.match(states(registry)['short.btcusdt.15m'], /mean must be 15 numbers/)
})
