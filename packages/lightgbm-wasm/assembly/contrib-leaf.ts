import { features, firstCold, ratios, sums, zeros } from './contrib-buffers'
import { sumPlain } from './contrib-plain'
import { sumCold, sumHot } from './contrib-sum'

/** Adds what a leaf of value `value` contributes to the columns of the features on the path, for the rows in a part of rowList. */
export function addLeaf(weights: usize, hot: u32, cold: u32, value: f64, plain: bool, columns: usize, columnBytes: usize, rows: u32, endRows: u32): void {
  const depth = hot + cold
  if (plain) {
    for (let e: u32 = 0; e < hot; e++) storeSum(e, sumPlain(weights, depth, load<f64>(zeros + (<usize>e << 3)), 1))
    for (let e = firstCold; e < firstCold + cold; e++) storeSum(e, sumPlain(weights, depth, load<f64>(zeros + (<usize>e << 3)), 0))
  } else {
    const ratiosOfDepth = ratios + ((<usize>depth * <usize>(depth - 1)) << 2)
    if (hot > 0) sumHot(weights, ratiosOfDepth, zeros, sums, hot, depth)
    if (cold > 0) sumCold(weights, ratiosOfDepth, zeros + (<usize>firstCold << 3), sums + (<usize>firstCold << 3), cold, hot)
  }
  addElements(0, hot, 1, value, columns, columnBytes, rows, endRows)
  addElements(firstCold, firstCold + cold, 0, value, columns, columnBytes, rows, endRows)
}

// @ts-ignore: decorator
@inline
function storeSum(element: u32, sum: f64): void {
  store<f64>(sums + (<usize>element << 3), sum)
}

// @ts-ignore: decorator
@inline
function addElements(first: u32, end: u32, one: f64, value: f64, columns: usize, columnBytes: usize, rows: u32, endRows: u32): void {
  for (let e = first; e < end; e++) {
    const at = <usize>e << 3
    const increment = load<f64>(sums + at) * (one - load<f64>(zeros + at)) * value
    const column = columns + <usize>load<u32>(features + (at >> 1)) * columnBytes
    for (let i = rows; i < endRows; i += 4) {
      const sum = column + <usize>load<u32>(<usize>i)
      store<f64>(sum, load<f64>(sum) + increment)
    }
  }
}
