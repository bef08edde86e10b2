export interface QuantileSet {
  /** Neighbours that cross: a higher quantile with a lower value. */
  readonly crossViolations: number
  readonly maxCrossGap: number
  /** The values after the repair, in the order of the quantiles: a running maximum. */
  readonly repaired: Float64Array
  /** Σ Δp·(q_i + q_{i+1})/2 over the nodes 0, the quantiles, 1. */
  readonly expectedReturn: number
  /** Σ Δp·q_i over the same nodes. */
  readonly expectedReturnConservative: number
  readonly probabilityUp: number
  /** The highest quantile minus the lowest. */
  readonly tailSpread: number
}

/**
 * What a set of quantile predictions of one bar says.
 * @param quantiles rising, each in (0, 1), at least two
 * @param values the predictions in their order, finite
 */
export function quantileSet(quantiles: readonly number[], values: readonly number[]): QuantileSet {
  const { crossViolations, maxCrossGap } = crossings(values)
  const repaired = runningMaximum(values)
  const p = [0, ...quantiles, 1]
  const q = [repaired[0]!, ...repaired, repaired.at(-1)!]
  let expectedReturn = 0
  let expectedReturnConservative = 0
  for (let i = 0; i + 1 < p.length; i++) {
    const width = p[i + 1]! - p[i]!
    expectedReturn += (width * (q[i]! + q[i + 1]!)) / 2
    expectedReturnConservative += width * q[i]!
  }
  return {
    crossViolations,
    maxCrossGap,
    repaired,
    expectedReturn,
    expectedReturnConservative,
    probabilityUp: probabilityUp(p, q),
    tailSpread: repaired.at(-1)! - repaired[0]!,
  }
}

function crossings(values: readonly number[]): { crossViolations: number; maxCrossGap: number } {
  let crossViolations = 0
  let maxCrossGap = 0
  for (let i = 0; i + 1 < values.length; i++) {
    if (values[i + 1]! >= values[i]!) continue
    crossViolations++
    maxCrossGap = Math.max(maxCrossGap, values[i]! - values[i + 1]!)
  }
  return { crossViolations, maxCrossGap }
}

function runningMaximum(values: readonly number[]): Float64Array {
  let highest = -Infinity
  return Float64Array.from(values, (value) => (highest = Math.max(highest, value)))
}

/** 1 − the probability of the place where the curve through the nodes crosses 0. */
function probabilityUp(p: readonly number[], q: readonly number[]): number {
  if (q[0]! >= 0) return 1
  if (q.at(-1)! <= 0) return 0
  const j = Math.min(Math.max(q.findIndex((value) => value >= 0) - 1, 0), p.length - 2)
  const [from, to] = [q[j]!, q[j + 1]!]
  const crossing = to === from ? p[j + 1]! : p[j]! - (from * (p[j + 1]! - p[j]!)) / (to - from)
  return 1 - Math.min(1, Math.max(0, crossing))
}
