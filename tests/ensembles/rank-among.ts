import t from 'tap'
import { normalQuantile } from '../../src/ensembles/normal-quantile.js'
import { rankAmong } from '../../src/ensembles/rank-among.js'

const member = (value: number) => ({
  name: 'm',
  id: 'x',
  values: Float64Array.of(value),
  reason: null,
  output: 'log_return',
  horizonBars: 1,
  quantile: null,
  history: undefined,
})
const peers = (values: readonly number[]) => values.map((value, k) => ({ symbol: `S${k}`, id: `${k}`, value }))
const signalOf = (own: number, others: readonly number[]) => rankAmong([member(own)], peers(others), { min_universe: 5 }).values[0]!

t.test('the worked numbers: a universe of five', (t) => {
  const all = [1, 2, 3, 4, 5]
  const expected = [-0.8416212335729142, -0.2533471031357997, 0.2533471031357997, 0.8416212335729142, 3]
  all.forEach((own, k) => {
    const got = signalOf(
      own,
      all.filter((value) => value !== own),
    )
    t.ok(Math.abs(got - expected[k]!) < 1e-15, `${k}: ${got}`)
  })
  t.ok(Math.abs(signalOf(1, [1, 1, 1, 1]) - normalQuantile(0.6)) < 1e-15, 'equal values share the mean of their places')
  t.end()
})

t.test('too small a universe, and a value that is none', (t) => {
  t.ok(Number.isNaN(signalOf(1, [2, 3, 4])))
  t.match(rankAmong([member(1)], peers([2]), { min_universe: 5 }).details, { universe: 2, reason: /2 of at least 5/, percentile: null })
  t.ok(Number.isNaN(signalOf(NaN, [1, 2, 3, 4, 5])))
  t.end()
})

t.test('known quantiles of the normal distribution', (t) => {
  for (const [p, z] of [
    [0.975, 1.959963984540054],
    [0.999, 3.090232306167813],
    [0.001, -3.090232306167813],
    [0.5, 0],
    [0.9, 1.2815515655446004],
  ] as const)
    t.ok(Math.abs(normalQuantile(p) - z) < 2e-15, String(p))
  t.end()
})
