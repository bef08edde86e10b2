import type { Frame } from '../candles/frame.js'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { isWindowWhole } from '../candles/window.js'
import type { Catalogue } from '../features/catalogue.js'
import type { ServedModel } from '../models/model.js'
import type { NewPrediction } from '../store/store.js'
import type { Series } from '../store/series.js'
import { createComputeFeatures } from './compute-features.js'
import { describeInputs, windowBarsOf } from './describe-input.js'
import { windowProblem } from './require-windows.js'
import { type Scored, score } from './score.js'
import type { SkippedBar } from './skipped-bar.js'

export interface BarsWork {
  /** At least one; all of the series' timeframe. */
  readonly models: readonly ServedModel[]
  readonly series: Series
  readonly frame: Frame
  /** Indices of the target bars in `frame`, rising. */
  readonly bars: Int32Array
  /** Bars that a client sent; 0: they come from the store. */
  readonly submitted: number
  readonly unfinishedDropped: number
  readonly acceptedMs: number
  /** Undefined: live or late, as the clock says. */
  readonly origin?: 'backfill' | 'catch-up' | undefined
  /** Open time of the oldest bar of the series, epoch milliseconds, when the frame is only a part of it: tells a gap from too little history. */
  readonly oldestMs?: number | undefined
  /** Told how long each step took. */
  readonly observe?: (stage: 'check' | 'features' | 'score', seconds: number) => void
}

export interface BarsMade {
  /** By bar, then in the order of the models. */
  readonly made: NewPrediction[]
  /** The feature row of each prediction, in its booster's order; the rows of one model share memory. */
  readonly rows: Float64Array[]
  /** Bars without a whole window (`gap`, `not-enough-history`), by bar, then in the order of the models. */
  readonly skipped: readonly SkippedBar[]
}

/**
 * Predicts from many bars of one frame: features of a block, then all its rows through the scorer at once. Everyone who predicts from
 * candles does it here, so a bar gives the same bits alone, among others, live and afterwards. Without a memory, and synchronous unless one
 * of the models scores beside the event loop: callers cut long work into blocks of at most 64 bars and give the event loop its turn between them.
 */
export type PredictBars = (work: BarsWork) => BarsMade | Promise<BarsMade>

export function createPredictBars({ catalogues }: { readonly catalogues: readonly Catalogue[] }): PredictBars {
  const computeFeatures = createComputeFeatures(catalogues)

  return (work) => {
    const { series, frame, acceptedMs, origin, observe = ignore } = work
    let started = performance.now()
    const groups = groupByWindow(work)
    started = tell('check', started)

    const rows = new Map<ServedModel, Float64Array>()
    for (const { members, bars } of groups) {
      if (bars.length > 0) computeFeatures(members, frame, bars).forEach((matrix, k) => rows.set(members[k]!, matrix))
    }
    started = tell('features', started)

    const scored = new Map<ServedModel, Scored[]>()
    const later: Promise<unknown>[] = []
    for (const { members, bars, windowBars } of groups) {
      if (bars.length === 0) continue
      const inputs = describeInputs({ ...work, bars, windowBars })
      for (const model of members) {
        const result = score({ model, rows: rows.get(model)!, inputs, series, acceptedMs, origin })
        if (Array.isArray(result)) scored.set(model, result)
        else later.push(result.then((these) => scored.set(model, these)))
      }
    }
    return later.length === 0 ? finish() : Promise.all(later).then(finish)

    function finish(): BarsMade {
      const result = inOrder(work, groups, scored)
      tell('score', started)
      return result
    }

    function tell(stage: 'check' | 'features' | 'score', sinceMs: number): number {
      const now = performance.now()
      observe(stage, (now - sinceMs) / 1000)
      return now
    }
  }

  function inOrder(work: BarsWork, groups: readonly Group[], scored: ReadonlyMap<ServedModel, Scored[]>): BarsMade {
    const result = { made: [] as NewPrediction[], rows: [] as Float64Array[], skipped: [] as SkippedBar[] }
    const members = work.models.map((model) => ({
      model,
      group: groups.find((group) => group.members.includes(model))!,
      scored: scored.get(model),
      next: 0,
    }))
    for (const bar of work.bars) {
      for (const member of members) {
        const { model, group } = member
        if (group.bars[member.next] === bar) {
          const { prediction, row } = member.scored![member.next++]!
          result.made.push(prediction)
          result.rows.push(row)
        } else result.skipped.push(whySkipped(work, model, group, bar))
      }
    }
    return result
  }

  function whySkipped({ frame, series, oldestMs }: BarsWork, model: ServedModel, { windowBars }: Group, bar: number): SkippedBar {
    const timeframe = series.timeframe as Timeframe
    const problem = windowProblem({ frame, timeframe, catalogues, lastBar: bar, oldestMs }, windowBars, [model])!
    const code = problem.code as SkippedBar['code']
    return { model: model.name, barTimeMs: frame.openTimeMs[bar]!, code, detail: problem.message }
  }
}

/** Models whose windows are of one length, and the bars that have such a window. */
interface Group {
  readonly windowBars: number
  readonly members: ServedModel[]
  readonly bars: Int32Array
}

function groupByWindow({ models, series, frame, bars }: BarsWork): Group[] {
  const groups: Group[] = []
  const durMs = durationMs(series.timeframe as Timeframe)
  for (const model of models) {
    const windowBars = windowBarsOf(model.manifest.features)
    const group = groups.find((one) => one.windowBars === windowBars)
    if (group !== undefined) group.members.push(model)
    else groups.push({ windowBars, members: [model], bars: bars.filter((bar) => isWindowWhole(frame, durMs, windowBars, bar)) })
  }
  return groups
}

function ignore(): void {}
