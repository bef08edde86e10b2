import { features } from './table/table.js'

/**
 * The rows of one timeframe that end at the target bar, and what was computed from them. Owned by a plan, reused for every bar:
 * kernels read and write it and allocate nothing. Doubles travel through arrays, because a double that a function returns is garbage.
 */
export interface Lookback {
  /** Rows filled, oldest first; at most the capacity. */
  nBars: number
  /** Label of the last row, epoch milliseconds. */
  labelMs: number
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
  /** One slot per feature of `features`. Slots that no kernel of the plan writes hold anything. */
  readonly values: Float64Array
  /** ln(C_i / C_{i−1}) of the last 100 rows, the target bar's last; filled as far back as the plan needs. */
  readonly logReturns: Float64Array
  /** Series over all rows, filled when a kernel needs them. */
  readonly typicalPrice: Float64Array
  readonly trueRange: Float64Array
  readonly accumulation: Float64Array
  /** ln(C_i/O_i), and Rogers and Satchell's terms, of the last 20 rows. */
  readonly bodyReturns: Float64Array
  readonly candleVariances: Float64Array
  /** |X_k|, k = 0…25, of the last 50 closes minus their mean. */
  readonly magnitudes: Float64Array
  /** Results of the numeric primitives. */
  readonly work: Float64Array
  /** Two arrays that any kernel may overwrite; at least 128 items and at least the capacity. */
  readonly scratch: Float64Array
  readonly scratch2: Float64Array
}

/** Log returns that a lookback keeps. */
export const nLogReturns = 100

export function createLookback(capacity: number): Lookback {
  const series = () => new Float64Array(capacity)
  const scratch = () => new Float64Array(Math.max(capacity, 128))
  return {
    nBars: 0,
    labelMs: NaN,
    open: series(),
    high: series(),
    low: series(),
    close: series(),
    volume: series(),
    values: new Float64Array(features.length),
    logReturns: new Float64Array(nLogReturns),
    typicalPrice: series(),
    trueRange: series(),
    accumulation: series(),
    bodyReturns: new Float64Array(20),
    candleVariances: new Float64Array(20),
    magnitudes: new Float64Array(26),
    work: new Float64Array(8),
    scratch: scratch(),
    scratch2: scratch(),
  }
}
