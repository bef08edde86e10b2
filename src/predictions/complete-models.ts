import type { Frame } from '../candles/frame.js'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { ServedModel } from '../models/model.js'
import type { NewPrediction, Store } from '../store/store.js'
import type { Series } from '../store/series.js'
import type { Cast } from './cast-of.js'
import { combineBar, depthNeeded, isRanking, type Part } from './combine-bar.js'
import { type Histories, readHistories } from './histories.js'
import type { BarsMade } from './predict-bars.js'
import type { SkippedBar } from './skipped-bar.js'
import { withSignal } from './with-signal.js'

export interface CompleteWork {
  /** The models asked, in their order. */
  readonly asked: readonly ServedModel[]
  readonly cast: Cast
  /** What the leaves predicted. */
  readonly leaves: {
    readonly made: readonly NewPrediction[]
    readonly rows: readonly Float64Array[]
    readonly skipped: readonly SkippedBar[]
  }
  readonly series: Series
  /** Open times of the bars, rising. */
  readonly barTimesMs: readonly number[]
  /** Candles that the leaves predicted from; undefined: features were sent. */
  readonly frame: Frame | undefined
  readonly acceptedMs: number
  readonly origin: NewPrediction['origin'] | undefined
  /** Predictions of earlier bars that were made and are not stored yet. */
  readonly before: readonly NewPrediction[]
}

/** Adds to what leaves predicted what ensembles make of it, and signals. */
export type CompleteModels = (work: CompleteWork) => Promise<BarsMade>

export function createCompleteModels({ store }: { readonly store: Pick<Store, 'list' | 'candles' | 'revision'> }): CompleteModels {
  return async (work) => {
    const { asked, cast, leaves, barTimesMs, frame } = work
    const made = new Map<string, { prediction: NewPrediction; row: Float64Array }>()
    const skipped = new Map<string, SkippedBar>()
    leaves.made.forEach((prediction, k) => made.set(keyOf(prediction.model, prediction.barTimeMs), { prediction, row: leaves.rows[k]! }))
    for (const each of leaves.skipped) skipped.set(keyOf(each.model, each.barTimeMs), each)
    const histories = await lookBack(work)

    for (const barTimeMs of barTimesMs) {
      for (const model of cast.ensembles) {
        const parts = model.members!.map(({ name }): Part => made.get(keyOf(name, barTimeMs))?.prediction ?? partOf(name, barTimeMs))
        const combined = await combineBar({ ...work, model, parts, barTimeMs, histories })
        if ('prediction' in combined) made.set(keyOf(model.name, barTimeMs), combined)
        else skipped.set(keyOf(model.name, barTimeMs), combined)
      }
      if (histories === undefined) continue
      for (const { name } of [...cast.leaves, ...cast.ensembles]) {
        const done = made.get(keyOf(name, barTimeMs))
        if (done !== undefined) histories.add(done.prediction)
      }
    }

    const order = [...asked, ...[...cast.leaves, ...cast.ensembles].filter(({ name }) => !asked.some((each) => each.name === name))]
    const barAt = frame && new Map(Array.from(frame.openTimeMs, (ms, bar) => [ms, bar]))
    const result: { made: NewPrediction[]; rows: Float64Array[]; skipped: SkippedBar[] } = { made: [], rows: [], skipped: [] }
    for (const barTimeMs of barTimesMs) {
      for (const model of order) {
        const done = made.get(keyOf(model.name, barTimeMs))
        if (done !== undefined) {
          const bar = barAt?.get(barTimeMs)
          result.made.push(withSignal(model, done.prediction, frame && bar !== undefined ? { frame, bar } : undefined))
          result.rows.push(done.row)
        } else if (asked.includes(model)) {
          const why = skipped.get(keyOf(model.name, barTimeMs))
          if (why !== undefined) result.skipped.push(why)
        }
      }
    }
    return result

    function partOf(model: string, barTimeMs: number): Part {
      const why = skipped.get(keyOf(model, barTimeMs))
      return { model, code: why?.code ?? 'not-enough-history', detail: why?.detail ?? 'it was not asked' }
    }
  }

  async function lookBack({ cast, series, barTimesMs, frame, before }: CompleteWork): Promise<Histories | undefined> {
    const depths = new Map<ServedModel, number>()
    const ranked = new Set<ServedModel>()
    for (const model of cast.ensembles) {
      if (isRanking(model)) ranked.add(model.members![0]!)
      const depth = depthNeeded(model)
      if (depth === 0) continue
      for (const member of model.members!) depths.set(member, Math.max(depth, depths.get(member) ?? 0))
    }
    if (depths.size + ranked.size === 0 || barTimesMs.length === 0) return undefined
    const asOf = await store.revision()
    const histories = await readHistories(store, {
      depths,
      ranked,
      barTimesMs,
      series,
      barMs: durationMs(series.timeframe as Timeframe),
      firstMs: barTimesMs[0]!,
      lastMs: barTimesMs.at(-1)!,
      frame,
      asOf,
    })
    for (const prediction of before) histories.add(prediction)
    return histories
  }
}

function keyOf(model: string, barTimeMs: number): string {
  return `${model} ${barTimeMs}`
}
