import type { ScannedOutcomes } from '../store/outcome-store.js'

/** Settled predictions that are numbers, by bar time: columns of equal length. */
export interface Compared {
  readonly nRows: number
  readonly barTimeMs: Float64Array
  readonly yPred: Float64Array
  /** One column per class; empty for other outputs. */
  readonly classProbabilities: readonly Float64Array[]
  readonly realised: Float64Array
  /** 1 hit, 0 miss, 255 neither. */
  readonly hit: Uint8Array
  readonly covered: Uint8Array
  readonly realisedClass: Int16Array
  readonly drawdown: Float64Array
}

/** What can be compared: rows that are settled, and whose prediction is finite. */
export function comparedOf(scanned: ScannedOutcomes): Compared {
  const { status, yPred, classProbabilities = [] } = scanned
  const rows = Uint32Array.from(status, (_, row) => row).filter(
    (row) =>
      status[row] === 1 && (classProbabilities.length === 0 ? [yPred] : classProbabilities).every((column) => Number.isFinite(column[row])),
  )
  const pick = <Column extends Float64Array | Uint8Array | Int16Array>(column: Column, into: Column): Column => {
    rows.forEach((row, k) => (into[k] = column[row]!))
    return into
  }
  const numbers = (column: Float64Array) => pick(column, new Float64Array(rows.length))
  return {
    nRows: rows.length,
    barTimeMs: numbers(scanned.barTimeMs),
    yPred: numbers(yPred),
    classProbabilities: classProbabilities.map(numbers),
    realised: numbers(scanned.realised),
    hit: pick(scanned.hit, new Uint8Array(rows.length)),
    covered: pick(scanned.covered, new Uint8Array(rows.length)),
    realisedClass: pick(scanned.realisedClass, new Int16Array(rows.length)),
    drawdown: numbers(scanned.drawdown),
  }
}

/** Rows from `first` up to, not including, `end`; shares the memory. */
export function sliceOf(all: Compared, first: number, end: number): Compared {
  return {
    nRows: end - first,
    barTimeMs: all.barTimeMs.subarray(first, end),
    yPred: all.yPred.subarray(first, end),
    classProbabilities: all.classProbabilities.map((column) => column.subarray(first, end)),
    realised: all.realised.subarray(first, end),
    hit: all.hit.subarray(first, end),
    covered: all.covered.subarray(first, end),
    realisedClass: all.realisedClass.subarray(first, end),
    drawdown: all.drawdown.subarray(first, end),
  }
}
