import type { Frame } from '../../src/candles/frame.js'
import { timeframes } from '../../src/candles/timeframe.js'
import type { Catalogue } from '../../src/features/catalogue.js'
import { meanOf } from '../../src/features/indicators/mean.js'
import { tableCatalogue } from '../../src/features/table/table-catalogue.js'
import type { Step } from '../../src/features/table/step.js'

/** Two features of a breakout strategy: how far the close is above the highest close of 20 bars before it, and the volume against its mean. */
export function breakout(): Catalogue {
  return tableCatalogue({ name: 'breakout', version: 1, timeframes, steps: [aboveHighest, volumeRatio] })
}

const aboveHighest: Step = {
  rows: [{ name: 'above_highest_20', minBars: 21, unit: 'ratio', formula: 'C_t / max(C_{t−20} … C_{t−1}) − 1' }],
  run({ close }: Frame, _first, last, out) {
    let highest = -Infinity
    for (let i = last - 20; i < last; i++) highest = Math.max(highest, close[i]!)
    out[0] = close[last]! / highest - 1
  },
}

const volumeRatio: Step = {
  rows: [{ name: 'volume_ratio_10', minBars: 10, unit: 'ratio', formula: 'V_t / mean(V[-10:])' }],
  run({ volume }: Frame, _first, last, out) {
    out[0] = volume[last]! / meanOf(volume, last, 10)
  },
}
