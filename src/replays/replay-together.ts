import { setImmediate } from 'node:timers/promises'
import type { Frame } from '../candles/frame.js'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { isWindowWhole } from '../candles/window.js'
import type { ServedModel } from '../models/model.js'
import type { PredictBars } from '../predictions/predict-bars.js'
import type { StoredFeatures } from '../store/feature-store.js'
import type { Store, StoredPrediction } from '../store/store.js'
import { besideFeatures, isSame } from './compare.js'
import { clusterByTime } from './cluster-by-time.js'
import { identical, type Verdict } from './verdict.js'
import { withSignalAgain } from './with-signal-again.js'

export interface TogetherParts {
  readonly store: Pick<Store, 'candles' | 'features'>
  readonly predictBars: PredictBars
  readonly signal: AbortSignal
}

/** A prediction made from candles, and the model that made it, with today's window. */
export interface Replayable {
  readonly prediction: StoredPrediction
  readonly model: ServedModel
}

const barsPerBlock = 64

/**
 * Those of some predictions that derive to the same bits, found quickly: candles are read once for windows that overlap, first as they are
 * now, then, for what is left, as they were at each commit. What is still left is for whoever looks at each by itself.
 */
export async function replayTogether(parts: TogetherParts, asked: readonly Replayable[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const cluster of clusterByTime(asked)) {
    const left = await pass(parts, cluster, undefined, verdicts)
    for (const members of byRevision(left)) {
      if (members.length > 1) await pass(parts, members, members[0]!.prediction.revision, verdicts)
    }
  }
  return verdicts
}

/** Adds a verdict for each that is the same with the candles of one moment, and returns the others. */
async function pass(
  parts: TogetherParts,
  cluster: readonly Replayable[],
  asOf: number | undefined,
  verdicts: Verdict[],
): Promise<Replayable[]> {
  const { store, predictBars, signal } = parts
  const { symbol, timeframe } = cluster[0]!.prediction
  const series = { symbol, timeframe }
  const barMs = durationMs(timeframe as Timeframe)
  const windowBars = Math.max(...cluster.map(({ prediction }) => prediction.baseBars + prediction.bufferBars))
  const fromMs = Math.min(...cluster.map(({ prediction }) => prediction.barTimeMs))
  const toMs = Math.max(...cluster.map(({ prediction }) => prediction.barTimeMs))
  const frame = await store.candles.read(series, fromMs - (windowBars - 1) * barMs, toMs, asOf)
  const features = await featuresByBar(store, cluster, fromMs, toMs)
  const barAt = new Map(Array.from(frame.openTimeMs, (ms, bar) => [ms, bar]))

  const left: Replayable[] = []
  for (const block of blocksOf(cluster)) {
    signal.throwIfAborted()
    const models = [...new Set(block.map(({ model }) => model))]
    const bars = barsWithWindows(block, frame, barAt, barMs)
    const { made, rows } = bars.length === 0 ? { made: [], rows: [] } : await predictBars({ models, series, frame, bars, ...nothingSent })
    const places = new Map(made.map(({ model, barTimeMs }, k) => [`${model} ${barTimeMs}`, k]))
    for (const replayable of block) {
      const { prediction, model } = replayable
      const k = places.get(`${prediction.model} ${prediction.barTimeMs}`)
      const storedRows = features?.get(prediction.barTimeMs) ?? []
      const isIdentical =
        k !== undefined &&
        isSame(prediction, withSignalAgain(prediction, model, made[k]!, { frame, bar: barAt.get(prediction.barTimeMs)! })) &&
        (storedRows.length === 0 || besideFeatures(prediction, { row: rows[k]!, featureNames: model.featureNames, storedRows }) === null)
      if (isIdentical) verdicts.push(identical(prediction))
      else left.push(replayable)
    }
    await setImmediate()
  }
  return left
}

/** These say nothing that a prediction is compared in. */
const nothingSent = { submitted: 0, unfinishedDropped: 0, acceptedMs: 0, origin: 'backfill' } as const

/** At most so many bars of all models that have predictions there: features of a bar are computed once for all of them. */
function* blocksOf(cluster: readonly Replayable[]): Iterable<Replayable[]> {
  let block: Replayable[] = []
  let bars = new Set<number>()
  for (const replayable of cluster) {
    if (bars.size === barsPerBlock && !bars.has(replayable.prediction.barTimeMs)) {
      yield block
      block = []
      bars = new Set()
    }
    block.push(replayable)
    bars.add(replayable.prediction.barTimeMs)
  }
  if (block.length > 0) yield block
}

function barsWithWindows(block: readonly Replayable[], frame: Frame, barAt: ReadonlyMap<number, number>, barMs: number): Int32Array {
  const bars = new Set<number>()
  for (const { prediction } of block) {
    const bar = barAt.get(prediction.barTimeMs)
    if (bar !== undefined && isWindowWhole(frame, barMs, prediction.baseBars + prediction.bufferBars, bar)) bars.add(bar)
  }
  return Int32Array.from(bars).sort()
}

/** Stored feature rows of the bars; undefined when the series has none. */
async function featuresByBar(
  store: TogetherParts['store'],
  cluster: readonly Replayable[],
  fromMs: number,
  toMs: number,
): Promise<ReadonlyMap<number, readonly StoredFeatures[]> | undefined> {
  const { symbol, timeframe } = cluster[0]!.prediction
  const keys = await store.features.keys()
  const there = keys.some((key) => key.symbol === symbol && key.timeframe === timeframe && key.firstMs <= toMs && key.lastMs >= fromMs)
  if (!there) return undefined
  const byBar = new Map<number, StoredFeatures[]>()
  const created = new Set(cluster.map(({ prediction }) => prediction.createdAtMs))
  for (const row of await store.features.list({ symbol, timeframe, fromMs, toMs, order: 'asc', limit: 100_000 })) {
    if (created.has(row.createdAtMs)) byBar.set(row.barTimeMs, [...(byBar.get(row.barTimeMs) ?? []), row])
  }
  return byBar
}

function byRevision(left: readonly Replayable[]): Replayable[][] {
  const groups = new Map<number, Replayable[]>()
  for (const replayable of left) {
    const { revision } = replayable.prediction
    groups.set(revision, [...(groups.get(revision) ?? []), replayable])
  }
  return [...groups.values()]
}
