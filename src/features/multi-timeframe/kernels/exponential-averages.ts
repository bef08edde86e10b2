import type { Kernel } from '../kernel.js'
import { spanDecay } from '../numeric/moving-average-decay.js'
import { slot } from '../table/table.js'

const { close_ema_12, close_over_ema_12, close_log_ratio_ema_12 } = slot
const { close_macd_line_12_26, close_macd_signal_9, close_macd_histogram_12_26_9 } = slot
const { close_macd_line_12_26_over_close, close_macd_histogram_12_26_9_over_close } = slot

const decay12 = spanDecay(12)
const decay26 = spanDecay(26)
const decay9 = spanDecay(9)

/**
 * EMA 12 and MACD from the first row, pandas' `ewm(adjust=True)`: weights w ← w·(1 − a) + 1, an item equal to the mean leaves it.
 * One loop: the three averages wait for their divisions together, so MACD costs little more than the EMA alone.
 */
export const exponentialAverages: Kernel = {
  writes: {
    close_ema_12,
    close_over_ema_12,
    close_log_ratio_ema_12,
    close_macd_line_12_26,
    close_macd_signal_9,
    close_macd_histogram_12_26_9,
    close_macd_line_12_26_over_close,
    close_macd_histogram_12_26_9_over_close,
  },
  run({ nBars, close, values }) {
    let fast = close[0]!
    let slow = fast
    let signal = 0
    let fastWeight = 1
    let slowWeight = 1
    let signalWeight = 1
    for (let i = 1; i < nBars; i++) {
      const c = close[i]!
      const fastDecayed = fastWeight * decay12
      const slowDecayed = slowWeight * decay26
      const signalDecayed = signalWeight * decay9
      fastWeight = fastDecayed + 1
      slowWeight = slowDecayed + 1
      signalWeight = signalDecayed + 1
      if (fast !== c) fast = (fastDecayed * fast + c) / fastWeight
      if (slow !== c) slow = (slowDecayed * slow + c) / slowWeight
      const line = fast - slow
      if (signal !== line) signal = (signalDecayed * signal + line) / signalWeight
    }
    const last = close[nBars - 1]!
    const line = fast - slow
    const histogram = line - signal
    const ratio = fast === 0 || last <= 0 ? Number.NaN : last / fast
    values[close_ema_12] = fast
    values[close_over_ema_12] = ratio
    values[close_log_ratio_ema_12] = ratio > 0 ? Math.log(ratio) : Number.NaN
    values[close_macd_line_12_26] = line
    values[close_macd_signal_9] = signal
    values[close_macd_histogram_12_26_9] = histogram
    values[close_macd_line_12_26_over_close] = last === 0 ? Number.NaN : line / last
    values[close_macd_histogram_12_26_9_over_close] = last === 0 ? Number.NaN : histogram / last
  },
}
