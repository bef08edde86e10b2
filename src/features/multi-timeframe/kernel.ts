import type { Lookback } from './lookback.js'
import type { BaseName, RecentName } from './table/table.js'

/** One step of arithmetic over a lookback: some features that share their work, or a series that others need. */
export interface Kernel {
  /** Features that it computes, with their slots. It runs only when the lookback has the bars that the least demanding of them needs. */
  readonly writes: Readonly<Partial<Record<BaseName | RecentName, number>>>
  /** Kernels that must have run before. */
  readonly needs?: readonly Kernel[]
  /** Log returns, from the newest back, that must be there. */
  readonly logReturns?: number
  run(this: void, lookback: Lookback): void
}
