import t from 'tap'
import { layerOneHorizon } from '../../src/ensembles/layer-one.js'

t.test('both confidences of the worked table', (t) => {
  for (const [m, l, rust, python] of [
    [0.001, 0.002, 0.3333377777481483, 0.6666677777740742],
    [0.001, -0.001, 0, 0.00000499997500014171],
    [0.001, 0, 0, 0.000009999900000945416],
    [0, 0, 1, 1],
  ] as const) {
    t.ok(Math.abs(layerOneHorizon(m, l, 0.5, 'rust').confidence - rust) < 1e-15, `rust ${m}, ${l}`)
    t.ok(Math.abs(layerOneHorizon(m, l, 0.5, 'python').confidence - python) < 1e-15, `python ${m}, ${l}`)
  }
  t.end()
})

t.test('prediction, direction and change', (t) => {
  const { prediction, direction, percentChange } = layerOneHorizon(0.002, 0.001, 0.25, 'rust')
  t.equal(prediction, 0.25 * 0.002 + 0.75 * 0.001)
  t.equal(direction, 1)
  t.ok(Math.abs(percentChange - (Math.exp(prediction) - 1) * 100) < 1e-12)
  t.equal(layerOneHorizon(0.001, -0.001, 0.5, 'rust').direction, 0, 'exactly 0 has no direction')
  t.end()
})
