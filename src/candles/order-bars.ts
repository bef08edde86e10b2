import { Problem } from '../errors.js'
import type { Frame } from './frame.js'
import type { Submission } from './submission.js'

/**
 * The bars by open time, each open time once. Bars that came twice with the same values are kept once. What came in order is not copied.
 * @throws Problem `conflicting-candle` where the values differ, pointing at the later of the two in the body
 */
export function orderBars(submission: Submission): Frame {
  if (isRising(submission.openTimeMs)) return submission
  const order = timeOrder(submission.openTimeMs)
  const kept = new Uint32Array(order.length)
  let nBars = 0
  for (const bar of order) {
    const before = kept[nBars - 1]
    if (before !== undefined && submission.openTimeMs[before] === submission.openTimeMs[bar]) refuseConflict(submission, before, bar)
    else kept[nBars++] = bar
  }
  const bars = kept.subarray(0, nBars)
  return {
    nBars,
    openTimeMs: take(submission.openTimeMs, bars),
    open: take(submission.open, bars),
    high: take(submission.high, bars),
    low: take(submission.low, bars),
    close: take(submission.close, bars),
    volume: take(submission.volume, bars),
  }
}

function isRising(openTimeMs: Float64Array): boolean {
  for (let bar = 1; bar < openTimeMs.length; bar++) if (openTimeMs[bar]! <= openTimeMs[bar - 1]!) return false
  return true
}

/** Bar indices by open time, then by place in the body. */
function timeOrder(openTimeMs: Float64Array): Uint32Array {
  return Uint32Array.from(openTimeMs, (_, bar) => bar).sort((a, b) => openTimeMs[a]! - openTimeMs[b]! || a - b)
}

function take(values: Float64Array, bars: Uint32Array): Float64Array {
  const taken = new Float64Array(bars.length)
  for (let i = 0; i < bars.length; i++) taken[i] = values[bars[i]!]!
  return taken
}

function refuseConflict(submission: Submission, before: number, bar: number): void {
  for (const column of ['open', 'high', 'low', 'close', 'volume'] as const) {
    const first = submission[column][before]!
    const second = submission[column][bar]!
    if (first === second) continue
    const pointer = submission.pointer(bar, column)
    const openTime = new Date(submission.openTimeMs[bar]!).toISOString()
    const why = `the candle of ${openTime} came twice, with ${column} ${first} at ${submission.pointer(before, column)} and ${second} here`
    throw new Problem('conflicting-candle', `${why} (at ${pointer})`, {
      errors: [{ pointer, detail: why }],
      open_time: openTime,
      column,
      values: [first, second],
    })
  }
}
