import { firstNotBelow } from './first-not-below.js'
import { assignByRank, rankBinsOf } from './rank-bins.js'

/** Bins with equally many values each, made from reference values. */
export interface Bins {
  readonly nBins: number
  /** nBins + 1 bounds that never fall, the first −∞: bin i holds edges[i] < v ≤ edges[i+1]. */
  readonly edges: Float64Array
  /** Smallest and largest value, and mean, of each bin; of an empty bin see `computeBins`. */
  readonly low: Float64Array
  readonly high: Float64Array
  readonly center: Float64Array
  readonly count: Int32Array
}

/**
 * Equal-count bins. Values are ranked 1…n, ties by order of appearance; bin = min(B − 1, ⌊(rank − 1)·B / n⌋). NaN is left out. With fewer
 * values than bins some are empty: their high and center are those of the bin before, their low is the smallest value of all.
 * @throws RangeError when nBins is not positive, or no value is a number
 */
export function computeBins(values: Float64Array, nBins = 10): Bins {
  requireBins(nBins)
  const numbers = values.filter((value) => !Number.isNaN(value))
  if (numbers.length === 0) throw new RangeError('No valid (non-NaN) values to compute bins')
  const bins = rankBinsOf(numbers, nBins)
  const low = new Float64Array(nBins).fill(Infinity)
  const high = new Float64Array(nBins).fill(-Infinity)
  const sum = new Float64Array(nBins)
  const count = new Int32Array(nBins)
  numbers.forEach((value, row) => {
    const bin = bins[row]!
    low[bin] = Math.min(low[bin]!, value)
    high[bin] = Math.max(high[bin]!, value)
    sum[bin]! += value
    count[bin]!++
  })
  const center = sum.map((total, bin) => total / count[bin]!)
  const smallest = low.reduce((least, value) => Math.min(least, value), Infinity)
  for (let bin = 0; bin < nBins; bin++) {
    if (count[bin] === 0) {
      // The first value is in bin 0: there is always a bin before.
      low[bin] = smallest
      high[bin] = high[bin - 1]!
      center[bin] = center[bin - 1]!
    } else if (bin > 0) high[bin] = Math.max(high[bin]!, high[bin - 1]!)
  }
  return { nBins, edges: Float64Array.of(-Infinity, ...high), low, high, center, count }
}

/** What happens to values outside the bins: the nearest bin (`clip`), none (`ignore`), or an error. NaN is in no bin. */
export const assignModes = ['clip', 'ignore', 'error'] as const
export type AssignMode = (typeof assignModes)[number]

/**
 * The bin of each value: edge_i < v ≤ edge_{i+1}; where neighbouring edges are equal, the lowest.
 * @returns −1: in no bin
 * @throws RangeError with mode `error`, for a NaN or a value outside
 */
export function assignBins(values: Float64Array, { edges, nBins }: Pick<Bins, 'edges' | 'nBins'>, mode: AssignMode = 'clip'): Int32Array {
  return Int32Array.from(values, (value) => {
    const bin = Number.isNaN(value) ? -1 : firstNotBelow(edges, value) - 1
    if (bin >= 0 && bin < nBins) return bin
    if (mode === 'error') throw new RangeError('Found NaN or out-of-range values during bin assignment')
    if (mode === 'ignore' || Number.isNaN(value)) return -1
    return bin < 0 ? 0 : nBins - 1
  })
}

export interface BinSummary {
  readonly bin: number
  readonly p_low: number
  readonly p_high: number
  readonly p_center: number
  /** Rows in the bin, also those without a y. */
  readonly n: number
  /** Mean of y, weighted when there are weights; NaN: there is none. */
  readonly mean_y: number
  /** Sum of the weights; NaN without weights. */
  readonly w_sum: number
}

/**
 * One row per bin. Values outside the bins are left out, so those above the largest reference value vanish. NaN in `y` counts in `n` only.
 * @param weights rows whose weight is NaN are left out altogether
 * @throws RangeError when lengths differ
 */
export function summariseBins(values: Float64Array, y: Float64Array, bins: Bins, weights?: Float64Array): BinSummary[] {
  requireSameLength(values, y)
  if (weights !== undefined && weights.length !== values.length) throw new RangeError('values and weights must have the same length')
  const assigned = assignBins(values, bins, 'ignore')
  const n = new Int32Array(bins.nBins)
  const sum = new Float64Array(bins.nBins)
  const weightOfY = new Float64Array(bins.nBins)
  const weight = new Float64Array(bins.nBins)
  for (let row = 0; row < values.length; row++) {
    const bin = assigned[row]!
    const w = weights?.[row] ?? 1
    if (bin < 0 || Number.isNaN(w)) continue
    n[bin]!++
    weight[bin]! += w
    if (Number.isNaN(y[row])) continue
    sum[bin]! += w * y[row]!
    weightOfY[bin]! += w
  }
  return Array.from(n, (rows, bin) => ({
    bin,
    p_low: bins.low[bin]!,
    p_high: bins.high[bin]!,
    p_center: bins.center[bin]!,
    n: rows,
    mean_y: weightOfY[bin] === 0 ? Number.NaN : sum[bin]! / weightOfY[bin]!,
    w_sum: weights === undefined ? Number.NaN : weight[bin]!,
  }))
}

export interface CalibrationRow {
  readonly bin: number
  readonly mean_p: number
  readonly mean_y: number
  readonly n: number
  readonly p_low: number
  readonly p_high: number
}

/**
 * Mean prediction against mean outcome in equal-count bins of the data itself, by mean prediction, rising; bins without rows are left out.
 * Rows with NaN in either are, too.
 * @throws RangeError when lengths differ, nBins is not positive, or no row is left
 */
export function calibrate(values: Float64Array, y: Float64Array, nBins = 10): CalibrationRow[] {
  requireSameLength(values, y)
  requireBins(nBins)
  const isWhole = (_: number, row: number) => !Number.isNaN(values[row]) && !Number.isNaN(y[row])
  const p = values.filter(isWhole)
  const outcome = y.filter(isWhole)
  if (p.length === 0) throw new RangeError('No valid rows after dropping NaNs in values/y')
  const assigned = assignByRank(p, nBins)
  const { low, high, center, count } = computeBins(p, nBins)
  const sum = new Float64Array(nBins)
  outcome.forEach((value, row) => (sum[assigned[row]!]! += value))
  return Array.from(count, (n, bin) => ({ bin, mean_p: center[bin]!, mean_y: sum[bin]! / n, n, p_low: low[bin]!, p_high: high[bin]! }))
    .filter(({ n }) => n > 0)
    .sort((a, b) => a.mean_p - b.mean_p)
}

function requireBins(nBins: number): void {
  if (!(Number.isInteger(nBins) && nBins > 0)) throw new RangeError('n_bins must be positive')
}

function requireSameLength(values: Float64Array, y: Float64Array): void {
  if (values.length !== y.length) throw new RangeError('values and y must have the same length')
}
