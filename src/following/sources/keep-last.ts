import { allocateBars, type Submission, submit } from '../../candles/submission.js'

/** The bars without those whose open time comes again later on. */
export function keepLast(submission: Submission): Submission {
  const lastAt = new Map<number, number>()
  submission.openTimeMs.forEach((ms, bar) => lastAt.set(ms, bar))
  if (lastAt.size === submission.nBars) return submission
  const kept = [...lastAt.values()].sort((a, b) => a - b)
  const bars = allocateBars(kept.length)
  kept.forEach((bar, i) => {
    bars.timestamp[i] = submission.openTimeMs[bar]!
    for (const column of ['open', 'high', 'low', 'close', 'volume'] as const) bars[column][i] = submission[column][bar]!
  })
  return submit(bars, (i, column) => submission.pointer(kept[i]!, column))
}
