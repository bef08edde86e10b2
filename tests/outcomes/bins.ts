import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { assignBins, calibrate, computeBins, summariseBins } from '../../src/outcomes/bins.js'
import { assignByRank } from '../../src/outcomes/rank-bins.js'

interface Case {
  readonly n_bins: number
  readonly values: readonly Cell[]
  readonly y: readonly Cell[]
  readonly asked: readonly Cell[]
  readonly low: readonly Cell[]
  readonly high: readonly Cell[]
  readonly center: readonly Cell[]
  readonly count: readonly number[]
  readonly clip: readonly number[]
  readonly ignore: readonly number[]
  readonly summary_n: readonly number[]
  readonly summary_mean_y: readonly Cell[]
  readonly calibration_n: readonly (readonly number[])[]
  readonly calibration_p: readonly Cell[]
  readonly calibration_y: readonly Cell[]
}
/** JSON has no NaN and no infinities: null, and texts. */
type Cell = number | string | null

const expected = JSON.parse(readFileSync(new URL('../fixtures/equal-count-bins.json', import.meta.url), 'utf8')) as Case[]

const values = Float64Array.of(1, 1, 1, 2, 3, 3, 4, 5, 5, 9)

t.test('the worked example', (t) => {
  const bins = computeBins(values, 4)
  t.same(Array.from(bins.count), [3, 2, 3, 2])
  t.same(Array.from(bins.high), [1, 3, 5, 9])
  t.same(Array.from(bins.low), [1, 2, 3, 5])
  t.same(Array.from(bins.center), [1, 2.5, 4, 7])
  t.same(Array.from(bins.edges), [-Infinity, 1, 3, 5, 9])
  t.same(Array.from(assignBins(Float64Array.of(0, 1, 1.5, 3, 4.5, 9, 10), bins)), [0, 0, 1, 1, 2, 3, 3])
  t.end()
})

t.test('values outside the bins, by mode', (t) => {
  const bins = computeBins(values, 4)
  const odd = Float64Array.of(10, -Infinity, NaN, Infinity, 9)
  t.same(Array.from(assignBins(odd, bins, 'clip')), [3, 0, -1, 3, 3])
  t.same(Array.from(assignBins(odd, bins, 'ignore')), [-1, -1, -1, -1, 3])
  for (const value of [10, -Infinity, NaN]) {
    t.throws(() => assignBins(Float64Array.of(1, value), bins, 'error'), {
      message: 'Found NaN or out-of-range values during bin assignment',
    })
  }
  t.same(Array.from(assignBins(Float64Array.of(1, 9), bins, 'error')), [0, 3])
  t.end()
})

t.test('fewer values than bins: empty bins carry on, their low is the smallest of all', (t) => {
  const bins = computeBins(Float64Array.of(5, NaN, 1, 3), 5)
  t.same(Array.from(bins.count), [1, 1, 0, 1, 0])
  t.same(Array.from(bins.high), [1, 3, 3, 5, 5])
  t.same(Array.from(bins.low), [1, 3, 1, 5, 1])
  t.same(Array.from(bins.center), [1, 3, 3, 5, 5])
  t.same(Array.from(assignBins(Float64Array.of(3, 4), bins)), [1, 3], 'equal neighbouring edges: the lowest bin')
  t.end()
})

t.test('summaries', (t) => {
  const bins = computeBins(values, 4)
  const some = Float64Array.of(1, 1, 2, 4, 9, 12, NaN)
  const y = Float64Array.of(1, NaN, 3, 4, 5, 6, 7)
  const plain = summariseBins(some, y, bins)
  t.same(
    plain.map(({ n }) => n),
    [2, 1, 1, 1],
    'also rows without y; not what is above the largest',
  )
  t.same(
    plain.map(({ mean_y }) => mean_y),
    [1, 3, 4, 5],
  )
  t.ok(plain.every(({ w_sum }) => Number.isNaN(w_sum)))
  const weighted = summariseBins(Float64Array.of(1, 1, 1, 2, 4), Float64Array.of(1, 2, 9, 5, 6), bins, Float64Array.of(1, 3, NaN, 0, 2))
  t.same(
    weighted.map(({ n }) => n),
    [2, 1, 1, 0],
  )
  t.same(
    weighted.map(({ mean_y }) => mean_y),
    [1.75, NaN, 6, NaN],
  )
  t.same(
    weighted.map(({ w_sum }) => w_sum),
    [4, 0, 2, 0],
  )
  t.throws(() => summariseBins(some, Float64Array.of(1), bins), { message: 'values and y must have the same length' })
  t.end()
})

t.test('calibration and ranks', (t) => {
  const rows = calibrate(Float64Array.of(0.9, 0.1, NaN, 0.4, 0.6), Float64Array.of(1, 0, 1, NaN, 1), 10)
  t.same(rows, [
    { bin: 0, mean_p: 0.1, mean_y: 0, n: 1, p_low: 0.1, p_high: 0.1 },
    { bin: 3, mean_p: 0.6, mean_y: 1, n: 1, p_low: 0.6, p_high: 0.6 },
    { bin: 6, mean_p: 0.9, mean_y: 1, n: 1, p_low: 0.9, p_high: 0.9 },
  ])
  t.throws(() => calibrate(Float64Array.of(NaN), Float64Array.of(1)), { message: 'No valid rows after dropping NaNs in values/y' })
  t.same(Array.from(assignByRank(Float64Array.of(3, NaN, 1, 3), 3)), [1, -1, 0, 2], 'NaN is in no bin; ties by order of appearance')
  t.end()
})

t.test('what cannot be binned', (t) => {
  t.throws(() => computeBins(Float64Array.of(NaN)), { message: 'No valid (non-NaN) values to compute bins' })
  t.throws(() => computeBins(values, 0), { message: 'n_bins must be positive' })
  t.throws(() => computeBins(values, -1), { message: 'n_bins must be positive' })
  t.end()
})

t.test('pandas agrees', (t) => {
  for (const [k, one] of expected.entries()) {
    const given = toNumbers(one.values)
    const y = toNumbers(one.y)
    const bins = computeBins(given, one.n_bins)
    same(bins.low, one.low, `${k} low`)
    same(bins.high, one.high, `${k} high`)
    same(bins.center, one.center, `${k} center`)
    t.same(Array.from(bins.count), one.count, `${k} count`)
    const asked = toNumbers(one.asked)
    t.same(Array.from(assignBins(asked, bins, 'clip')), one.clip, `${k} clip`)
    t.same(Array.from(assignBins(asked, bins, 'ignore')), one.ignore, `${k} ignore`)
    const summary = summariseBins(given, y, bins)
    t.same(
      summary.map(({ n }) => n),
      one.summary_n,
      `${k} summary n`,
    )
    same(
      summary.map(({ mean_y }) => mean_y),
      one.summary_mean_y,
      `${k} summary mean_y`,
    )
    const rows = calibrate(given, y, one.n_bins)
    t.same(
      rows.map(({ bin, n }) => [bin, n]),
      one.calibration_n,
      `${k} calibration n`,
    )
    same(
      rows.map(({ mean_p }) => mean_p),
      one.calibration_p,
      `${k} calibration mean_p`,
    )
    same(
      rows.map(({ mean_y }) => mean_y),
      one.calibration_y,
      `${k} calibration mean_y`,
    )
  }
  t.end()

  function same(actual: ArrayLike<number>, wanted: readonly Cell[], what: string): void {
    const numbers = toNumbers(wanted)
    const isSame =
      actual.length === numbers.length && numbers.every((value, i) => Object.is(actual[i], value) || Math.abs(actual[i]! - value) <= 1e-12)
    if (!isSame) t.same(Array.from(actual), Array.from(numbers), what)
  }
})

t.test('every bin of distinct values is as full as the others, and each value is in its own', (t) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (many, nBins) => {
        const given = Float64Array.from(many)
        const bins = computeBins(given, nBins)
        const filled = Array.from(bins.count).filter((n) => n > 0)
        return (
          Math.max(...filled) - Math.min(...(many.length < nBins ? filled : bins.count)) <= 1 &&
          assignBins(given, bins, 'error').every((bin, row) => bin === assignByRank(given, nBins)[row])
        )
      },
    ),
  )
  t.pass('holds')
  t.end()
})

function toNumbers(values: readonly Cell[]): Float64Array {
  return Float64Array.from(values, (value) => (value === null ? NaN : Number(value)))
}
