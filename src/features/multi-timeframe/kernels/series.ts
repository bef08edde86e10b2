import type { Kernel } from '../kernel.js'

/** Series over all rows that several kernels read. */

export const typicalPrice: Kernel = {
  writes: {},
  run({ nBars, high, low, close, typicalPrice }) {
    for (let i = 0; i < nBars; i++) typicalPrice[i] = (high[i]! + low[i]! + close[i]!) / 3
  },
}

/** The first row has no close before it: its range is high − low. */
export const trueRange: Kernel = {
  writes: {},
  run({ nBars, high, low, close, trueRange }) {
    let before = close[0]!
    trueRange[0] = high[0]! - low[0]!
    for (let i = 1; i < nBars; i++) {
      const h = high[i]!
      const l = low[i]!
      // max(H − L, |H − C'|, |L − C'|): rounding is monotone, so the largest difference is that of the extremes.
      trueRange[i] = (h > before ? h : before) - (l < before ? l : before)
      before = close[i]!
    }
  },
}

/** Running accumulation/distribution line, left to right; bars without a range add nothing. */
export const accumulation: Kernel = {
  writes: {},
  run({ nBars, high, low, close, volume, accumulation }) {
    let line = 0
    for (let i = 0; i < nBars; i++) {
      const h = high[i]!
      const l = low[i]!
      const c = close[i]!
      if (h !== l) line += ((c - l - (h - c)) / (h - l)) * volume[i]!
      accumulation[i] = line
    }
  },
}
