import t from 'tap'
import { confidence, freshnessSeconds } from '../../src/ensembles/confidence.js'

t.test('a fresh start: 0.01 × freshness × capacity × 0.5', (t) => {
  const { ic, stability, overall, freshness } = confidence({
    predicted: [],
    realised: [],
    ageSeconds: 150,
    tauSeconds: freshnessSeconds(5),
  })
  t.equal(ic, 0)
  t.equal(stability, 0.5)
  t.equal(freshness, Math.exp(-1))
  t.equal(overall, 0.01 * Math.exp(-1) * 0.5)
  t.end()
})

t.test('the parts', (t) => {
  const settled = { predicted: [1, 2, 3, 4, 5], realised: [2, 3, 4, 5, 6], ageSeconds: -1, tauSeconds: 300 }
  const { ic, freshness, stability, capacity } = confidence(settled)
  t.ok(Math.abs(ic - 1) < 1e-15, 'equal ranks')
  t.equal(freshness, 1, 'data from the future is fresh')
  t.equal(stability, 0.5, '1/(1 + √1)')
  t.equal(capacity, 1, 'nothing planned')
  t.equal(confidence({ ...settled, planned: 10, averageVolume: 50 }).capacity, 0.5)
  t.equal(confidence({ ...settled, planned: 1, averageVolume: Infinity }).capacity, 1)
  t.equal(confidence({ ...settled, realised: [1, 1, 1, 1, 1] }).ic, 0, 'what does not vary has no rank')
  t.same([5, 10, 15, 30, 60, 390, 1440].map(freshnessSeconds), [150, 300, 450, 900, 1800, 7200, 300])
  t.end()
})
