import type { Kernel } from '../kernel.js'
import { pairSum } from '../numeric/pair-sum.js'
import { sequentialVariance } from '../numeric/sequential-variance.js'
import { slot } from '../table/table.js'

const { close_parkinson_20, close_gk_20, close_rs_20, close_yz_20 } = slot

const parkinsonFactor = 1 / (4 * Math.LN2)
const garmanKlassFactor = 2 * Math.LN2 - 1

/** ln(C_i/O_i) of the last 20 rows. */
const bodyReturns: Kernel = {
  writes: {},
  run({ nBars, open, close, bodyReturns }) {
    for (let j = 0, i = nBars - 20; j < 20; j++, i++) bodyReturns[j] = Math.log(close[i]! / open[i]!)
  },
}

export const parkinsonGarmanKlass: Kernel = {
  writes: { close_parkinson_20, close_gk_20 },
  needs: [bodyReturns],
  run({ nBars, high, low, bodyReturns, values, scratch, scratch2, work }) {
    for (let j = 0, i = nBars - 20; j < 20; j++, i++) {
      const range = Math.log(high[i]! / low[i]!)
      const body = bodyReturns[j]!
      const square = range * range
      scratch[j] = square
      scratch2[j] = 0.5 * square - garmanKlassFactor * (body * body)
    }
    pairSum(scratch, 0, 20, work, 0)
    pairSum(scratch2, 0, 20, work, 1)
    values[close_parkinson_20] = Math.sqrt(parkinsonFactor * (work[0]! / 20))
    // The root of a negative mean is NaN, as it has to be. So with the two below.
    values[close_gk_20] = Math.sqrt(work[1]! / 20)
  },
}

/** Terms of Rogers and Satchell's variance, last 20 rows. */
const candleVariances: Kernel = {
  writes: {},
  run({ nBars, open, high, low, close, candleVariances }) {
    for (let j = 0, i = nBars - 20; j < 20; j++, i++) {
      const o = open[i]!
      const h = high[i]!
      const l = low[i]!
      const c = close[i]!
      candleVariances[j] = Math.log(h / c) * Math.log(h / o) + Math.log(l / c) * Math.log(l / o)
    }
  },
}

export const rogersSatchell: Kernel = {
  writes: { close_rs_20 },
  needs: [candleVariances],
  run({ candleVariances, values, work }) {
    pairSum(candleVariances, 0, 20, work, 0)
    values[close_rs_20] = Math.sqrt(work[0]! / 20)
  },
}

const overnightWeight = 0.34 / (1.34 + 21 / 19)

export const yangZhang: Kernel = {
  writes: { close_yz_20 },
  needs: [bodyReturns, candleVariances],
  run({ nBars, open, close, bodyReturns, candleVariances, values, scratch, work }) {
    for (let j = 0, i = nBars - 20; j < 20; j++, i++) scratch[j] = Math.log(open[i]! / close[i - 1]!)
    sequentialVariance(scratch, 0, 20, work, 0)
    sequentialVariance(bodyReturns, 0, 20, work, 1)
    pairSum(candleVariances, 0, 20, work, 2)
    values[close_yz_20] = Math.sqrt(work[0]! + overnightWeight * work[1]! + (1 - overnightWeight) * (work[2]! / 20))
  },
}
