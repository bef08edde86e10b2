import t from 'tap'
import { cryptoBot } from '../../src/features/crypto-bot/catalogue.js'
import { sequenceNames, withHistory } from '../../src/features/with-history.js'
import { goldenSeries } from './support/golden-series.js'

t.test('a feature some bars back is the feature of that bar', (t) => {
  const series = goldenSeries(200)
  const catalogue = withHistory(cryptoBot())
  const names = sequenceNames(cryptoBot().names, 60)
  t.equal(names.length, 900)
  const out = new Float64Array(900)
  const plan = catalogue.compile(names, { baseBars: 100, bufferBars: 59 })
  t.equal(plan.windowBars, 159)
  plan.compute(series, 199, out)
  const inner = cryptoBot().compile(cryptoBot().names, { baseBars: 100, bufferBars: 0 })
  for (let step = 0; step < 60; step++) {
    const row = new Float64Array(15)
    inner.compute(series, 140 + step, row)
    t.same(out.subarray(step * 15, step * 15 + 15), row, `step ${step}`)
  }
  t.end()
})

t.test('names without a place in the past are compiled as ever; unknown ones and too short buffers are refused', (t) => {
  const catalogue = withHistory(cryptoBot())
  t.equal(catalogue.compile(['returns'], { baseBars: 30, bufferBars: 0 }).windowBars, 30)
  t.throws(() => catalogue.compile(['return@3'], { baseBars: 30, bufferBars: 5 }), {
    name: 'FeatureMismatch',
    unknown: [{ name: 'return@3', nearest: 'returns' }],
  })
  t.throws(() => catalogue.compile(['returns@6'], { baseBars: 30, bufferBars: 5 }), RangeError)
  t.end()
})
