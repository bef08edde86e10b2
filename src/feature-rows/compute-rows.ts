import { setImmediate } from 'node:timers/promises'
import { checkFrame } from '../candles/check.js'
import type { Frame } from '../candles/frame.js'
import type { Submission } from '../candles/submission.js'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { isWindowWhole, requireWindow } from '../candles/window.js'
import { invalidAt, Problem } from '../errors.js'
import type { Catalogue, Plan, Window } from '../features/catalogue.js'
import { type Bars, maxPerRequest } from '../predictions/bars.js'
import { chooseBars, noneInRange, type Piece } from '../predictions/choose-bars.js'
import { readStoredPieces } from '../predictions/stored-pieces.js'
import type { Store } from '../store/store.js'
import type { FeatureBlock, FeatureTable } from './feature-table.js'
import { createPlans } from './plans.js'

export interface ComputeRequest {
  readonly catalogue: Catalogue
  readonly timeframe: Timeframe
  /** Undefined: every name of the catalogue. */
  readonly names: readonly string[] | undefined
  readonly window: Window
  readonly bars: Bars
  /** Undefined: stored candles of `symbol`. */
  readonly submission: Submission | undefined
  readonly symbol: string | undefined
}

export interface ComputedRows extends FeatureTable {
  /** Bars of a range without a whole window. */
  readonly skipped: readonly { readonly barTimeMs: number; readonly code: 'gap' | 'not-enough-history'; readonly detail: string }[]
}

/** Values of one answer: 40 MB. */
const maxCells = 5_000_000
const blockBars = 64

/**
 * Features of bars, without a model. Resolves with at least one row.
 * The promise rejects with a Problem when a bar that was named, or all of a range, has no whole window, or a name is not known.
 */
export function createComputeRows(parts: { readonly store: Pick<Store, 'candles'>; readonly nowMs: () => number }) {
  const planOf = createPlans()

  return async (request: ComputeRequest): Promise<ComputedRows> => {
    const { catalogue, names = catalogue.names, window, bars, timeframe } = request
    const plan = planOf(catalogue, names, window)
    const source = await open(request, plan, (nBars) => refuseTooManyRows(nBars, names.length))
    const blocks: FeatureBlock[] = []
    const skipped: ComputedRows['skipped'][number][] = []
    let nRows = 0
    let newest: Problem | undefined
    const isNamed = bars === 'last' || 'times' in bars
    for await (const { frame, bars: wanted } of source.pieces) {
      for (let from = 0; from < wanted.length; from += blockBars) {
        if (from > 0) await setImmediate()
        const whole: number[] = []
        for (const bar of wanted.subarray(from, from + blockBars)) {
          const problem = lack(frame, bar)
          if (problem === undefined) whole.push(bar)
          else if (isNamed) throw problem
          else skipped.push(toSkipped(frame.openTimeMs[bar]!, (newest = problem)))
        }
        nRows += whole.length
        if (whole.length > 0) blocks.push(computeBlock(plan, frame, whole))
      }
    }
    if (nRows === 0) throw newest!
    return { names, nRows, blocks, skipped }

    function lack(frame: Frame, bar: number): Problem | undefined {
      const { windowBars } = plan
      if (isWindowWhole(frame, durationMs(timeframe), windowBars, bar)) return undefined
      const { oldestMs } = source
      const need = { windowBars, barsPerTimeframe: catalogue.barsPerTimeframe(window), ...(oldestMs !== undefined && { oldestMs }) }
      try {
        requireWindow(frame, timeframe, need, bar)
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        return new Problem(error.code, error.message, { bar_time: new Date(frame.openTimeMs[bar]!).toISOString(), ...error.extras })
      }
      return undefined
    }
  }

  async function open(
    { timeframe, bars, submission, symbol }: ComputeRequest,
    { windowBars }: Plan,
    refuse: (nBars: number) => void,
  ): Promise<Source> {
    const nowMs = parts.nowMs()
    if (submission === undefined) {
      if (symbol === undefined)
        throw invalidAt('/candles', 'candles are missing; send them, or name the symbol whose stored candles to use')
      const series = { symbol, timeframe }
      return readStoredPieces({ candles: parts.store.candles, series, bars, windowBars, refuse, nowMs })
    }
    const { frame } = checkFrame(submission, timeframe, nowMs)
    if (frame.nBars === 0) requireWindow(frame, timeframe, { windowBars })
    const wanted = chooseBars(frame, bars, timeframe, nowMs)
    refuse(wanted.length)
    if (wanted.length === 0) throw noneInRange(frame)
    return { pieces: [{ frame, bars: wanted }], oldestMs: undefined }
  }
}

interface Source {
  readonly pieces: Iterable<Piece> | AsyncIterable<Piece>
  /** Open time of the oldest candle of the series; undefined: the frame is all there is. */
  readonly oldestMs: number | undefined
}

function computeBlock(plan: Plan, frame: Frame, bars: readonly number[]): FeatureBlock {
  const values = new Float64Array(bars.length * plan.names.length)
  bars.forEach((bar, row) => plan.compute(frame, bar, values, row * plan.names.length))
  return { openTimeMs: bars.map((bar) => frame.openTimeMs[bar]!), values }
}

function toSkipped(barTimeMs: number, { code, message }: Problem): ComputedRows['skipped'][number] {
  return { barTimeMs, code: code as 'gap' | 'not-enough-history', detail: message }
}

/** @throws Problem `invalid-request` that says what was asked for and what one answer holds */
function refuseTooManyRows(nBars: number, nNames: number): void {
  const most = Math.min(maxPerRequest, Math.floor(maxCells / nNames))
  if (nBars <= most) return
  const why = most === maxPerRequest ? '' : `, for it may have ${maxCells} values`
  const hint = most === maxPerRequest ? 'send several requests' : 'send several requests, or name fewer features'
  throw invalidAt('/bars', `${nBars} bars of ${nNames} features are asked for, one answer holds at most ${most}${why}; ${hint}`, { most })
}
