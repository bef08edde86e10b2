import { invalidAt, Problem } from '../errors.js'
import type { OutcomeScan, OutcomeStore, PredictedSeries, ScannedOutcomes } from '../store/outcome-store.js'
import { type AssignMode, assignBins, type Bins, calibrate, computeBins, summariseBins } from './bins.js'
import { describeSeries } from './performance.js'
import type { ClassNames } from './class-names.js'
import type { PerformanceBins } from './performance-schema.js'

export interface BinsRequest {
  readonly scan: OutcomeScan & { readonly model: string }
  /** The predictions that the bins are made of, where it is not those that are binned. */
  readonly reference: Pick<OutcomeScan, 'fromMs' | 'toMs'> | undefined
  readonly nBins: number
  /** Class whose probability is binned, its index or its name; undefined: the last one. */
  readonly class: string | undefined
  readonly classNames: ClassNames
  readonly assign: readonly number[]
  readonly mode: AssignMode
}

/**
 * Equal-count bins of a model's predictions, and what happened in each. Predictions that are not settled count, but have no y.
 * @throws Problem `not-found` when there is no prediction; `invalid-request` when several series or meanings match, or for a class that there is not
 */
export async function performanceBins(outcomes: Pick<OutcomeStore, 'predicted' | 'scan'>, request: BinsRequest): Promise<PerformanceBins> {
  const { scan, reference, nBins, assign, mode } = request
  const series = onlyOne(await outcomes.predicted(scan), scan.model)
  const rows = await outcomes.scan(series, scan.fromMs, scan.toMs)
  const names = request.classNames(series)
  const k = classOf(series, request.class, names)
  const values = valuesOf(rows, k)
  const referenceValues = reference === undefined ? values : valuesOf(await outcomes.scan(series, reference.fromMs, reference.toMs), k)
  if (referenceValues.every(Number.isNaN)) throw new Problem('not-found', 'No valid (non-NaN) values to compute bins')
  const bins = computeBins(referenceValues, nBins)
  const y = happened(rows, series, k)
  const isSettled = y.map((value) => (Number.isNaN(value) ? 0 : 1))
  const settled = summariseBins(values, y, bins, isSettled).map(({ w_sum }) => w_sum)
  return {
    ...describeSeries(series),
    class: k ?? null,
    class_name: (k === undefined ? undefined : names?.[k]) ?? null,
    n_bins: nBins,
    n: values.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + 1), 0),
    edges: Array.from(bins.edges, finite),
    bins: summariseBins(values, y, bins).map((bin, i) => ({
      bin: bin.bin,
      p_low: finite(bin.p_low),
      p_high: finite(bin.p_high),
      p_center: finite(bin.p_center),
      count: bins.count[i]!,
      n: bin.n,
      n_settled: settled[i]!,
      mean_y: finite(bin.mean_y),
      w_sum: finite(bin.w_sum),
    })),
    calibration: calibrationOf(values, y, nBins),
    assigned: assigned(assign, bins, mode),
  }
}

function onlyOne(found: readonly PredictedSeries[], model: string): PredictedSeries {
  const [one, ...others] = found
  if (one === undefined) throw new Problem('not-found', `There is no prediction of ${model} that fits.`)
  if (others.length === 0) return one
  const seriesOf = ({ symbol, timeframe }: PredictedSeries) => `${symbol} ${timeframe}`
  const names = [...new Set(found.map(seriesOf))]
  throw names.length > 1
    ? invalidAt('symbol', `${model} predicts ${names.slice(0, 10).join(', ')}; name the symbol and the timeframe`)
    : invalidAt('from', `${model} changed its output, horizon or thresholds; choose a range of bars in which it did not`)
}

function classOf({ output, thresholds }: PredictedSeries, asked: string | undefined, names: readonly string[] | null): number | undefined {
  if (output !== 'class_probabilities') {
    if (asked !== undefined) throw invalidAt('class', `the model predicts ${output}, which has no classes`)
    return undefined
  }
  const last = (names?.length ?? thresholds.length + 1) - 1
  if (asked === undefined) return last
  const k = /^\d+$/.test(asked) ? Number(asked) : (names?.indexOf(asked) ?? -1)
  if (k >= 0 && k <= last) return k
  throw invalidAt(
    'class',
    `the model's classes are 0 to ${last}${names === null ? '; their names are not known' : `: ${names.slice(0, 20).join(', ')}`}`,
  )
}

function valuesOf({ yPred, classProbabilities, nRows }: ScannedOutcomes, k: number | undefined): Float64Array {
  if (k === undefined) return yPred
  return classProbabilities?.[k] ?? new Float64Array(nRows).fill(Number.NaN)
}

/** What came true in the unit of the prediction: the return, or whether the event or the class came; NaN: not settled. */
function happened({ status, realised, realisedClass }: ScannedOutcomes, { output }: PredictedSeries, k: number | undefined): Float64Array {
  return realised.map((r, row) => {
    if (status[row] !== 1) return Number.NaN
    if (k !== undefined) return realisedClass[row] === k ? 1 : 0
    return output === 'probability_up' ? (r > 0 ? 1 : 0) : r
  })
}

function calibrationOf(values: Float64Array, y: Float64Array, nBins: number): PerformanceBins['calibration'] {
  // Infinite predictions have no mean that JSON could hold.
  const numbers = values.map((value) => (Number.isFinite(value) ? value : Number.NaN))
  return numbers.some((value, row) => !Number.isNaN(value) && !Number.isNaN(y[row])) ? calibrate(numbers, y, nBins) : []
}

function assigned(values: readonly number[], bins: Bins, mode: AssignMode): PerformanceBins['assigned'] {
  try {
    const found = assignBins(Float64Array.from(values), bins, mode)
    return values.map((value, k) => ({ value: finite(value), bin: found[k]! }))
  } catch (error) {
    if (error instanceof RangeError) throw invalidAt('assign', error.message)
    throw error
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
