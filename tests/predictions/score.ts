import t from 'tap'
import { score } from '../../src/predictions/score.js'
import { loadedRegistry, samples } from '../models/support/models-directory.js'

t.test('a prediction of zero has no sign, because neither the store nor JSON keeps it', async (t) => {
  const registry = await loadedRegistry(samples)
  t.teardown(() => registry.close())
  const [entry] = registry.entries()
  if (entry?.state !== 'served') throw new Error('the first sample is not served')
  const { model } = entry
  const rows = new Float64Array(model.featureNames.length)
  const input = {
    barTimeMs: 0,
    source: 'features' as const,
    inputHash: undefined,
    inputSubmitted: 1,
    inputBars: 1,
    inputFirstMs: 0,
    inputLastMs: 0,
    unfinishedDropped: 0,
  }
  const scores = { raw: Float64Array.of(-0), pred: Float64Array.of(-0) }
  const scored = await score({
    model: { ...model, score: () => scores, scoreLater: undefined },
    rows,
    inputs: [input],
    series: { symbol: 'X', timeframe: '1h' },
    acceptedMs: 0,
    origin: undefined,
  })
  for (const { prediction } of scored) t.ok(Object.is(prediction.yRaw[0], 0) && Object.is(prediction.yPred[0], 0))
  t.equal(scored.length, 1)
})
