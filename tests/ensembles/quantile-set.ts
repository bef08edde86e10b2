import fc from 'fast-check'
import t from 'tap'
import { quantileSet } from '../../src/ensembles/quantile-set.js'

const quantiles = [0.05, 0.1, 0.15, 0.25, 0.5, 0.75, 0.85, 0.9, 0.95]
const near = (a: number, b: number) => Math.abs(a - b) < 1e-15

t.test('the weights of the conservative estimate are those of the code', (t) => {
  const weights = [0.1, 0.05, 0.1, 0.25, 0.25, 0.1, 0.05, 0.05, 0.05]
  quantiles.forEach((_, i) => {
    const values = quantiles.map((_, k) => (k >= i ? 1 : 0))
    const expected = weights.slice(i).reduce((sum, weight) => sum + weight, 0)
    t.ok(Math.abs(quantileSet(quantiles, values).expectedReturnConservative - expected) < 1e-12, `from quantile ${quantiles[i]} on`)
  })
  t.end()
})

t.test('crossing values are counted, then repaired', (t) => {
  const set = quantileSet(quantiles, [-3, -2, -2.5, -1, 0, 1, 0.5, 2, 3])
  t.equal(set.crossViolations, 2)
  t.equal(set.maxCrossGap, 0.5)
  t.same([...set.repaired], [-3, -2, -2, -1, 0, 1, 1, 2, 3])
  t.equal(set.tailSpread, 6)
  t.ok(near(set.probabilityUp, 0.5), 'the median is 0')
  t.end()
})

t.test('probability up at its ends and between two nodes', (t) => {
  t.equal(quantileSet(quantiles, [0, 1, 2, 3, 4, 5, 6, 7, 8]).probabilityUp, 1)
  t.equal(quantileSet(quantiles, [-9, -8, -7, -6, -5, -4, -3, -2, 0]).probabilityUp, 0)
  t.ok(
    near(quantileSet(quantiles, [-4, -3, -2, -1, 3, 4, 5, 6, 7]).probabilityUp, 1 - (0.25 + 0.25 / 4)),
    'a quarter of the way from 0.25 to 0.5',
  )
  t.end()
})

t.test('shifting all values up never lowers the expected return or the probability', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, shift) => {
        const before = quantileSet(quantiles, values)
        const after = quantileSet(
          quantiles,
          values.map((value) => value + shift),
        )
        const { probabilityUp: up } = after
        return after.expectedReturn >= before.expectedReturn - 1e-12 && up >= before.probabilityUp - 1e-9 && up >= 0 && up <= 1
      },
    ),
  )
  t.end()
})
