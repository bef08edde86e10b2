import { checkFrame } from '../candles/check.js'
import type { Submission } from '../candles/submission.js'
import type { Timeframe } from '../candles/timeframe.js'
import type { CandleStore } from '../store/candle-store.js'

export interface KeepRequest {
  readonly symbol: string
  readonly timeframe: Timeframe
  readonly submission: Submission
}

export interface KeptCandles {
  readonly symbol: string
  readonly timeframe: Timeframe
  /** Bars that were sent. */
  readonly submitted: number
  readonly added: number
  readonly known: number
  readonly revised: number
  /** Bars at the end that were still open at the server's clock. */
  readonly unfinishedDropped: number
  /** Open times of the oldest and newest closed bar sent, epoch milliseconds; undefined: none had closed. */
  readonly firstMs: number | undefined
  readonly lastMs: number | undefined
}

export interface KeepParts {
  readonly candles: Pick<CandleStore, 'keep'>
  /** The server's clock, epoch milliseconds. */
  readonly nowMs: () => number
  readonly count: (result: 'new' | 'known' | 'revised', bars: number) => void
}

/**
 * Keeps the closed bars of what was sent; durable when the promise resolves.
 * @throws Problem `bad-candle`, `conflicting-candle`
 */
export async function keepCandles({ candles, nowMs, count }: KeepParts, request: KeepRequest): Promise<KeptCandles> {
  const { symbol, timeframe, submission } = request
  const acceptedMs = nowMs()
  const { frame, submitted, unfinishedDropped } = checkFrame(submission, timeframe, acceptedMs)
  const { added, known, revised } =
    frame.nBars === 0 ? { added: 0, known: 0, revised: [] } : await candles.keep({ symbol, timeframe }, frame, acceptedMs)
  count('new', added)
  count('known', known)
  count('revised', revised.length)
  return {
    symbol,
    timeframe,
    submitted,
    added,
    known,
    revised: revised.length,
    unfinishedDropped,
    firstMs: frame.openTimeMs[0],
    lastMs: frame.openTimeMs[frame.nBars - 1],
  }
}
