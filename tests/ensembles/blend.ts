import fc from 'fast-check'
import t, { type Test } from 'tap'
import { blendWeights, ridgeWeights, temper, temperatureOf, type Member } from '../../src/ensembles/blend.js'

function closeTo(t: Test, got: number, expected: number, name: string): void {
  t.ok(Math.abs(got - expected) < 1e-14, `${name}: ${got} and ${expected}`)
}

t.test('the worked numbers: weights of three families, tempered weights', (t) => {
  const weights = ridgeWeights(
    [0.05, 0.04, 0.03],
    [
      [1, 0.8, 0.1],
      [0.8, 1, 0.2],
      [0.1, 0.2, 1],
    ],
  )!
  ;[0.5990853658536587, 0.060975609756097525, 0.33993902439024387].forEach((expected, i) =>
    closeTo(t, weights[i]!, expected, `weight ${i}`),
  )
  const tempered = temper({ a: 0.5, b: 0.3, c: 0.2 }, temperatureOf(5))
  closeTo(t, tempered.a!, 0.45772770409486496, 'a')
  closeTo(t, tempered.b!, 0.3120474491767743, 'b')
  closeTo(t, tempered.c!, 0.23022484672836077, 'c')
  t.end()
})

t.test('temperature flattens: 1 and above changes nothing, 0 and below makes equal, 0 stays 0', (t) => {
  t.same(temper({ a: 0.9, b: 0.1 }, 1), { a: 0.9, b: 0.1 })
  t.same(temper({ a: 0.9, b: 0.1 }, 0), { a: 0.5, b: 0.5 })
  t.equal(temper({ a: 1, b: 0 }, 0.5).b, 0)
  t.same([5, 10, 15, 30, 390].map(temperatureOf), [0.75, 0.85, 0.9, 1, 1])
  t.end()
})

t.test('who gets a weight', (t) => {
  const member = (name: string, history: readonly number[], value: number | undefined = 0.1): Member => ({
    name,
    value,
    history,
    ic: 0.05,
    cost: 0,
  })
  const rising = [0.1, 0.2, 0.3, 0.4, 0.5]
  t.same(blendWeights([], 1).weights, {})
  t.same(blendWeights([member('a', []), member('b', [1])], 1).weights, { a: 0.5, b: 0.5 }, 'nobody has a history')
  t.same(blendWeights([member('a', rising), member('b', [1])], 1).weights, { a: 1 }, 'only one has')
  const { weights } = blendWeights([member('b', [0.5, 0.1, 0.3, 0.2, 0.4]), member('a', rising), member('new', [])], 1)
  t.same(Object.keys(weights), ['a', 'b'], 'by name, without the one that is too new')
  const absent = blendWeights([member('a', rising), { ...member('b', [0.5, 0.1, 0.3, 0.2, 0.4]), value: undefined }], 1)
  t.ok(absent.weights.b! > 0, 'one that has no value now keeps its weight')
  const flat = blendWeights([member('a', [1, 1, 1, 1, 1], 1), member('b', [2, 2, 2, 2, 2], 2)], 1)
  t.same(flat.weights, { a: 0.5, b: 0.5 }, 'what does not vary correlates with itself only')
  t.end()
})

t.test('weights are never negative and add up to 1', (t) => {
  const values = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 5, maxLength: 60 })
  const member = fc.record({
    history: values,
    ic: fc.double({ min: -1, max: 1, noNaN: true }),
    cost: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(
      fc.array(member, { minLength: 1, maxLength: 6 }),
      fc.double({ min: 0.1, max: 1.2, noNaN: true }),
      (members, temperature) => {
        const { weights } = blendWeights(
          members.map((rest, i) => ({ name: `m${i}`, value: 0.5, ...rest })),
          temperature,
        )
        const all = Object.values(weights)
        return all.every((weight) => weight >= 0) && Math.abs(all.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-9
      },
    ),
  )
  t.pass('for any histories')
  t.end()
})
