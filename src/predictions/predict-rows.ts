import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { invalidAt, Problem } from '../errors.js'
import type { ServedModel } from '../models/model.js'
import type { NewPrediction } from '../store/store.js'
import type { Series } from '../store/series.js'
import type { SkippedBar } from './skipped-bar.js'
import type { Input } from './describe-input.js'
import type { FeatureRows } from './feature-rows.js'
import { createMatchFeatures, takeColumns } from './match-features.js'
import { offGrid } from './off-grid.js'
import { type Scored, score } from './score.js'

export interface RowsWork {
  readonly models: readonly ServedModel[]
  readonly series: Series
  readonly features: FeatureRows
  readonly acceptedMs: number
  readonly origin?: 'backfill' | 'catch-up' | undefined
  /** True: models whose features were not sent are left out as long as others remain. */
  readonly maySkip: boolean
}

export interface RowsMade {
  /** By bar, oldest first, then in the order of the models. */
  readonly made: readonly NewPrediction[]
  /** The feature row of each prediction, in its booster's order; the rows of one model share memory. */
  readonly rows: readonly Float64Array[]
  readonly skipped: readonly SkippedBar[]
  /** Columns that no model used. */
  readonly ignoredColumns: readonly string[]
}

/** Predicts from feature values that were computed elsewhere; later when a model scores beside the event loop. */
export type PredictRows = (work: RowsWork) => RowsMade | Promise<RowsMade>

/**
 * Such a prediction says so: its source is `features`, its window has no bars, and its input hash is that of its feature row.
 * The rows are not compared with any candles.
 */
export function createPredictRows(): PredictRows {
  const match = createMatchFeatures()

  return ({ models, series, features, acceptedMs, origin, maySkip }) => {
    const order = checkTimes(features.openTimeMs, series.timeframe as Timeframe, acceptedMs)
    const { fitting, failures } = fit(models)
    const inputs = Array.from(features.openTimeMs, (ms): Input => inputOf(ms, features.nRows))
    const scored = fitting.map(({ model, matched }) =>
      score({ model, rows: takeColumns(features, matched), inputs, series, acceptedMs, origin }),
    )
    return areAllThere(scored) ? finish(scored) : whenAllThere(scored).then(finish)

    function finish(scored: readonly Scored[][]): RowsMade {
      const all = inOrder(order, scored)
      const made = all.map(({ prediction }) => prediction)
      const rows = all.map(({ row }) => row)
      return { made, rows, skipped: skippedOf(order, failures), ignoredColumns: ignored() }
    }

    function fit(models: readonly ServedModel[]) {
      const failures: { model: ServedModel; problem: Problem }[] = []
      const fitting = models.flatMap((model) => {
        try {
          return [{ model, matched: match(features.columns, model) }]
        } catch (error) {
          if (!(error instanceof Problem) || !maySkip) throw error
          failures.push({ model, problem: error })
          return []
        }
      })
      if (fitting.length === 0) throw failures[0]!.problem
      return { fitting, failures }
    }

    function skippedOf(order: Uint32Array, failed: readonly { model: ServedModel; problem: Problem }[]): SkippedBar[] {
      if (failed.length === 0) return []
      return Array.from(order).flatMap((row) =>
        failed.map(({ model, problem }) => ({
          model: model.name,
          barTimeMs: features.openTimeMs[row]!,
          code: 'feature-mismatch' as const,
          detail: problem.message,
        })),
      )
    }

    /** Every model leaves its own columns over; what all of them leave over was of no use. */
    function ignored(): readonly string[] {
      const [first, ...others] = fitting.map(({ matched }) => matched.extra)
      if (others.length === 0 || first!.length === 0) return first!
      const sets = others.map((extra) => new Set(extra))
      return first!.filter((name) => sets.every((set) => set.has(name)))
    }
  }
}

type SoonScored = Scored[] | Promise<Scored[]>

function areAllThere(scored: readonly SoonScored[]): scored is Scored[][] {
  return scored.every(Array.isArray)
}

function whenAllThere(scored: readonly SoonScored[]): Promise<Scored[][]> {
  return Promise.all(scored.map(async (each) => each))
}

function inOrder(order: Uint32Array, scored: readonly Scored[][]): Scored[] {
  if (order.length === 1) return scored.map(([only]) => only!)
  return Array.from(order).flatMap((row) => scored.map((ofModel) => ofModel[row]!))
}

function inputOf(barTimeMs: number, nRows: number): Input {
  return {
    source: 'features',
    barTimeMs,
    inputHash: undefined,
    inputSubmitted: nRows,
    inputBars: 0,
    inputFirstMs: barTimeMs,
    inputLastMs: barTimeMs,
    unfinishedDropped: 0,
  }
}

/**
 * Rows by open time.
 * @throws Problem `invalid-request` for a time off the grid, of a bar that is still open, or that came twice
 */
function checkTimes(openTimeMs: Float64Array, timeframe: Timeframe, nowMs: number): Uint32Array {
  const durMs = durationMs(timeframe)
  for (let row = 0; row < openTimeMs.length; row++) {
    const ms = openTimeMs[row]!
    if (ms % durMs !== 0) throw offGrid(`/features/timestamps/${row}`, ms, timeframe)
    if (ms + durMs > nowMs) {
      throw invalidAt(`/features/timestamps/${row}`, `the bar of ${iso(ms)} has not closed yet, it closes at ${iso(ms + durMs)}`)
    }
  }
  const order = Uint32Array.from(openTimeMs, (_, row) => row)
  if (order.length > 1) order.sort((a, b) => openTimeMs[a]! - openTimeMs[b]! || a - b)
  for (let k = 1; k < order.length; k++) {
    const ms = openTimeMs[order[k]!]!
    if (ms === openTimeMs[order[k - 1]!]) throw invalidAt(`/features/timestamps/${order[k]}`, `there are two rows of the bar of ${iso(ms)}`)
  }
  return order
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
