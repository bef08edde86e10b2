import t from 'tap'
import { spanDecay, wilderWeights } from '../../../../src/features/multi-timeframe/numeric/moving-average-decay.js'

t.test('the weights over 14 bars add up to exactly 1, so that the division by their sum can go', (t) => {
  const { decay, gain } = wilderWeights(14)
  t.equal(decay + gain, 1)
  t.equal(gain, 1 / 14)
  t.end()
})

t.test('decay of a span', (t) => {
  t.equal(spanDecay(3), 0.5)
  t.equal(spanDecay(12), 1 - 1 / 6.5)
  t.end()
})
