import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Compared } from '../../src/outcomes/compared.js'
import { effectiveSampleSize } from '../../src/outcomes/effective-sample-size.js'
import { empiricalQuantile } from '../../src/outcomes/empirical-quantile.js'
import { measure } from '../../src/outcomes/measure.js'
import { averageRanks, rankCorrelation } from '../../src/outcomes/rank-correlation.js'

const hourMs = 3_600_000

t.test('ranks and their correlation, with ties, are those of counting', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 })), { minLength: 2, maxLength: 40 }),
      (rows) => {
        const [a, b] = [0, 1].map((side) => Float64Array.from(rows, (row) => row[side as 0 | 1]))
        const naive = (values: Float64Array) =>
          Array.from(values, (value) => {
            const below = values.filter((other) => other < value).length
            return below + (values.filter((other) => other === value).length + 1) / 2
          })
        const [ranksA, ranksB] = [naive(a!), naive(b!)]
        const pearson = naivePearson(ranksA, ranksB)
        const ic = rankCorrelation(a!, b!)
        return (
          averageRanks(a!).every((rank, row) => rank === ranksA[row]) &&
          (Number.isNaN(pearson) ? Number.isNaN(ic) : Math.abs(ic - pearson) < 1e-12)
        )
      },
    ),
  )
  t.ok(Number.isNaN(rankCorrelation(Float64Array.of(1, 1), Float64Array.of(1, 2))), 'one side is constant')
  t.ok(Number.isNaN(rankCorrelation(Float64Array.of(), Float64Array.of())))
  t.end()
})

t.test('the effective sample size is the most horizons that do not overlap', (t) => {
  const hours = (...bars: number[]) => Float64Array.from(bars, (bar) => bar * hourMs)
  t.equal(effectiveSampleSize(hours(0, 1, 2, 3, 4, 5, 6), 3 * hourMs), 3)
  t.equal(effectiveSampleSize(hours(0, 1, 50, 51, 52), 3 * hourMs), 2, 'gaps count for nothing')
  t.equal(effectiveSampleSize(hours(0, 1, 2), hourMs), 3)
  t.equal(effectiveSampleSize(hours(), hourMs), 0)
  t.end()
})

t.test('quantiles of data', (t) => {
  t.equal(empiricalQuantile(Float64Array.of(4, 1, 3, 2), 0.5), 2.5)
  t.equal(empiricalQuantile(Float64Array.of(4, 1, 3, 2), 0.05), 1.15)
  t.equal(empiricalQuantile(Float64Array.of(7), 0.9), 7)
  t.ok(Number.isNaN(empiricalQuantile(Float64Array.of(), 0.5)))
  t.end()
})

t.test('returns', (t) => {
  const rows = compared({ yPred: [0.02, -0.01, 0.03, 0.01], realised: [0.01, 0.01, 0.02, 0], hit: [1, 0, 1, 0] })
  const all = measure(rows, meaning('log_return', 2), 2 * hourMs)
  t.match(all, {
    n: 4,
    hits: 2,
    misses: 2,
    neither: 0,
    hit_rate: 0.5,
    effective_sample_size: 2,
    brier: null,
    accuracy: null,
    pinball_loss: null,
  })
  near(t, all.mae, (0.01 + 0.02 + 0.01 + 0.01) / 4)
  near(t, all.rmse, Math.sqrt((1e-4 + 4e-4 + 1e-4 + 1e-4) / 4))
  near(t, all.mean_error, (0.01 - 0.02 + 0.01 + 0.01) / 4)
  near(t, all.hit_rate_standard_error, Math.sqrt(0.25 / 2))
  near(t, all.ic_standard_error, 1)
  near(t, all.ic, naivePearson([3, 1, 4, 2], [2.5, 2.5, 4, 1]))
  near(t, all.baseline.mae, 0.01)
  near(t, all.baseline.rmse, Math.sqrt((1e-4 + 1e-4 + 4e-4) / 4))
  t.equal(all.baseline.hit_rate, 0.75, 'always up')
  t.end()
})

t.test('quantiles', (t) => {
  const rows = compared({ yPred: [-0.02, 0, 0.01], realised: [-0.03, 0.01, 0.01], covered: [1, 0, 1], hit: [255, 255, 255] })
  const all = measure(rows, { ...meaning('log_return', 1), quantile: 0.2 }, hourMs)
  near(t, all.pinball_loss, (0.8 * 0.01 + 0.2 * 0.01 + 0) / 3)
  near(t, all.coverage, 2 / 3)
  t.match(all, { hit_rate: null, hits: 0, misses: 0, neither: 0 })
  const climatology = -0.03 + 0.4 * 0.04
  near(t, all.baseline.pinball_loss, (0.8 * (climatology + 0.03) + 2 * 0.2 * (0.01 - climatology)) / 3)
  near(t, all.baseline.coverage, 1 / 3)
  t.end()
})

t.test('probabilities', (t) => {
  const rows = compared({ yPred: [0.8, 0.4, 0.5, 1], realised: [0.1, 0.1, -0.1, -0.1], hit: [1, 0, 255, 0] })
  const all = measure(rows, meaning('probability_up', 1), hourMs)
  t.match(all, { hits: 1, misses: 2, neither: 1, mae: null })
  near(t, all.hit_rate, 1 / 3)
  near(t, all.brier, (0.04 + 0.36 + 0.25 + 1) / 4)
  near(t, all.log_loss, -(Math.log(0.8) + Math.log(0.4) + Math.log(0.5) + Math.log(1 - (1 - 1e-15))) / 4)
  near(t, all.baseline.brier, 0.25)
  near(t, all.baseline.log_loss, Math.log(2))
  t.equal(all.baseline.hit_rate, 0.5)
  t.end()
})

t.test('classes', (t) => {
  const rows = compared({
    yPred: [0.5, 0.2, 0.1],
    classProbabilities: [
      [0.5, 0.2, 0.1],
      [0.3, 0.2, 0.9],
      [0.2, 0.6, 0],
    ],
    realised: [-0.02, 0.02, 0.02],
    realisedClass: [0, 2, 2],
    hit: [1, 1, 0],
  })
  const all = measure(rows, { ...meaning('class_probabilities', 1), thresholds: Float64Array.of(-0.01, 0.01) }, hourMs)
  near(t, all.accuracy, 2 / 3)
  near(t, all.log_loss, -(Math.log(0.5) + Math.log(0.6) + Math.log(1e-15)) / 3)
  near(t, all.baseline.accuracy, 2 / 3)
  near(t, all.baseline.log_loss, -(Math.log(1 / 3) + 2 * Math.log(2 / 3)) / 3)
  t.equal(all.ic, null)
  t.end()
})

t.test('nothing to compare is null, never NaN', (t) => {
  for (const output of ['log_return', 'return', 'probability_up', 'class_probabilities', 'score'] as const) {
    const text = JSON.stringify(measure(compared({ yPred: [], realised: [] }), meaning(output, 1), hourMs), (_, value: unknown) => {
      if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${output} has ${value}`)
      return value
    })
    t.match(text, /"hit_rate":null/)
  }
  t.end()
})

interface Columns {
  readonly yPred: number[]
  readonly realised: number[]
  readonly hit?: number[]
  readonly covered?: number[]
  readonly realisedClass?: number[]
  readonly classProbabilities?: number[][]
}

function compared({ yPred, realised, hit = [], covered = [], realisedClass = [], classProbabilities = [] }: Columns): Compared {
  return {
    nRows: yPred.length,
    barTimeMs: Float64Array.from(yPred, (_, row) => row * hourMs),
    yPred: Float64Array.from(yPred),
    classProbabilities: classProbabilities.map((column) => Float64Array.from(column)),
    realised: Float64Array.from(realised),
    hit: Uint8Array.from(hit),
    covered: Uint8Array.from(covered),
    realisedClass: Int16Array.from(realisedClass),
    drawdown: Float64Array.from(yPred, () => -0.01),
  }
}

function meaning(output: string, horizonBars: number) {
  return { output, quantile: null, horizonBars, thresholds: new Float64Array(0) }
}

function naivePearson(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const together = (x: readonly number[], y: readonly number[]) => mean(x.map((value, row) => (value - mean(x)) * (y[row]! - mean(y))))
  return together(a, b) / Math.sqrt(together(a, a) * together(b, b))
}

function near(t: Test, actual: number | null, wanted: number): void {
  t.ok(actual !== null && Math.abs(actual - wanted) < 1e-12, `${actual} is ${wanted}`)
}
