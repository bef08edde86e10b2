import fc from 'fast-check'
import t from 'tap'
import { chiSquareTail5 } from '../../../../src/features/multi-timeframe/numeric/chi-square-tail-5.js'
import { near } from '../../support/compare.js'
import { chiSquareTail5 as plain } from '../../support/plain-primitives.js'

t.test("scipy's chi2.sf(Q, 5), down to 1e-111", (t) => {
  const expected = [
    [0, 1],
    [1e-3, 0.9999999983185123],
    [0.5, 0.9921232932326296],
    [3, 0.6999858358786276],
    [6.9, 0.22818430805111548],
    [7, 0.22064030793671066],
    [7.1, 0.21330878992839813],
    [12, 0.03478778050624185],
    [50, 1.3857973367009573e-9],
    [200, 2.8406228986415534e-41],
    [480, 1.654689486495516e-101],
    [525.9, 2.0460423465424147e-111],
  ] as const
  for (const [q, tail] of expected) t.ok(near(compute(q), tail, 1e-13), `${q}: ${compute(q)} ${tail}`)
  t.end()
})

t.test('agrees with the closed form', (t) => {
  fc.assert(fc.property(fc.double({ min: 0, max: 530, noNaN: true }), (q) => near(compute(q), plain(q), 1e-12)))
  t.end()
})

t.test('ends on what is no number', (t) => {
  t.ok(Number.isNaN(compute(NaN)))
  t.end()
})

function compute(q: number): number {
  const inOut = Float64Array.of(5, q)
  chiSquareTail5(inOut, 1)
  return inOut[1]!
}
