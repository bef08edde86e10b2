import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadedRegistry, sampleNames, samples } from './support/models-directory.js'

t.test('the seven sample models are served', async (t) => {
  const registry = await loadedRegistry(samples)
  t.teardown(() => registry.close())
  t.same(sampleNames, [
    'btcusdt-logret-168h',
    'btcusdt-logret-168h-q05',
    'btcusdt-logret-168h-q50',
    'btcusdt-logret-168h-q95',
    'btcusdt-move-24h',
    'btcusdt-up-24h',
    'crypto-up-4h',
  ])
  t.same(
    registry.entries().map(({ name, state }) => [name, state]),
    sampleNames.map((name) => [name, 'served']),
  )
  for (const name of sampleNames) {
    const model = registry.served(name)
    t.equal(model.goldenRows, 12, `${name}: its golden rows were compared`)
    t.same(model.warnings, [])
    t.equal(model.sha256, model.manifest.sha256)
    t.equal(model.nOutputs, name === 'btcusdt-move-24h' ? 3 : 1)
  }
})

t.test('raw scores and predictions', async (t) => {
  const registry = await loadedRegistry(samples)
  t.teardown(() => registry.close())
  const lastRow = (name: string) => {
    const { features } = JSON.parse(
      readFileSync(join(samples, name, 'golden.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .at(-1)!,
    ) as {
      features: Record<string, number | null>
    }
    return Float64Array.from(registry.served(name).featureNames, (feature) => features[feature] ?? NaN)
  }
  const score = (name: string) => registry.served(name).score(lastRow(name))
  t.same(score('btcusdt-logret-168h'), { raw: Float64Array.of(0.030967558971535417), pred: Float64Array.of(0.030967558971535417) })

  const up = score('btcusdt-up-24h')
  t.ok(Math.abs(up.pred[0]! - 1 / (1 + Math.exp(-up.raw[0]!))) < 1e-15)
  const move = score('btcusdt-move-24h')
  t.equal(move.raw.length, 3)
  t.ok(Math.abs(move.pred.reduce((sum, p) => sum + p, 0) - 1) < 1e-15)

  const rows = Float64Array.of(...lastRow('btcusdt-move-24h'), ...lastRow('btcusdt-move-24h'))
  t.same(registry.served('btcusdt-move-24h').score(rows).raw, Float64Array.of(...move.raw, ...move.raw), 'several rows')
  t.type(registry.served('btcusdt-move-24h').inspect(lastRow('btcusdt-move-24h')).nan, Array)
})
