import t from 'tap'
import { standardise } from '../../src/ensembles/standardise.js'

t.test('the worked sequence', (t) => {
  const sequence = [0.01, 0.02, -0.01, 0.03, 5, 0]
  const expected = [0.01, 0.02, -1.3363062095621216, 1.1832159566199234, 1.9999560318768836, -0.4525800079143462]
  t.same(
    sequence.map((_, i) => standardise(sequence.slice(0, i + 1))),
    expected,
  )
  t.end()
})

t.test('edges: clipping, no deviation, only the last ten count', (t) => {
  t.equal(standardise([7]), 3)
  t.equal(standardise([1, -9]), -3)
  t.equal(standardise([0.5, 0.5, 0.5]), 0)
  const many = [1e9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
  t.equal(standardise(many), standardise(many.slice(1)))
  t.end()
})
