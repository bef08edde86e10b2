import { setImmediate } from 'node:timers/promises'
import type { Frame } from '../candles/frame.js'
import { firstBarFrom } from '../candles/first-bar-from.js'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { JobContext, JobKind, JsonObject } from '../jobs/job-kind.js'
import type { ServedModel } from '../models/model.js'
import type { Registry } from '../models/registry.js'
import { untilLoaded } from '../models/until-loaded.js'
import { windowBarsOf } from '../predictions/describe-input.js'
import { castOf } from '../predictions/cast-of.js'
import type { PredictModels } from '../predictions/predict-models.js'
import type { SkippedBar } from '../predictions/skipped-bar.js'
import type { NewPrediction, Store } from '../store/store.js'
import { cutSpans, type Span } from './cut-spans.js'
import { type KnownPrediction, knownBars } from './known-bars.js'
import type { Order } from './order.js'
import { createTally, type Tally } from './tally.js'

export interface BackfillParts {
  readonly registry: Pick<Registry, 'loaded' | 'served' | 'ready' | 'lease'>
  readonly store: Pick<Store, 'record' | 'list' | 'candles'>
  readonly predictModels: PredictModels
  readonly nowMs: () => number
  readonly count?: (model: string, result: 'new' | 'known' | 'refused') => void
}

/** Bars of one read; what is in memory at a time is some megabytes, however long the order. */
const barsAtOnce = 4_096
/** Bars between two turns of the event loop: some 30 ms with 440 features. */
const barsPerBlock = 64
/** Predictions of one commit. */
const rowsPerCommit = 1_000

/**
 * Predicts bars of the stored candles by the same code as a request does, oldest first. A prediction that is there already stays as it
 * is, its origin too. A bar without a whole window becomes an absence with its reason. Taken up after a restart the job goes on behind the bar up to
 * which everything was durable, with the counts of then; what was committed behind that is not computed again, and counted as what it was: written.
 */
export function createBackfill({ registry, store, predictModels, nowMs, count = ignore }: BackfillParts): JobKind {
  return { name: 'backfill', run, remainsOf: ({ timestampsMs: _, ...remains }) => remains }

  async function run(request: unknown, context: JobContext): Promise<JsonObject> {
    const order = request as Order
    await untilLoaded(registry, context.signal)
    const tally = createTally(order, context.before, nowMs())
    context.noted(tally.doneLines)
    context.progress(tally.progress())
    for (const span of cutSpans(order.models, barMsOf(order))) {
      const fromMs = Math.max(span.fromMs, tally.doneToMs + barMsOf(order))
      if (fromMs <= span.toMs) await fillSpan(order, { ...span, fromMs }, tally, context)
    }
    return tally.result(nowMs())
  }

  async function fillSpan(order: Order, span: Span, tally: Tally, context: JobContext): Promise<void> {
    await registry.ready(span.models)
    const models = span.models.map((name) => registry.served(name))
    const release = registry.lease(models)
    try {
      await fillRange(order, models, span, tally, context)
    } finally {
      release()
    }
  }

  async function fillRange(order: Order, models: readonly ServedModel[], span: Span, tally: Tally, context: JobContext): Promise<void> {
    const leadMs = (Math.max(...castOf(models).leaves.map(({ manifest }) => windowBarsOf(manifest.features))) - 1) * barMsOf(order)
    const listed = order.timestampsMs && new Set(order.timestampsMs)
    const stepMs = barsAtOnce * barMsOf(order)
    for (let fromMs = span.fromMs; fromMs <= span.toMs; fromMs += stepMs) {
      context.signal.throwIfAborted()
      const toMs = Math.min(span.toMs, fromMs + stepMs - barMsOf(order))
      const frame = await store.candles.read(order, fromMs - leadMs, toMs)
      const bars = barsOf(frame, fromMs, listed)
      if (bars.length > 0) await fillBars(order, models, frame, bars, tally, context)
    }
  }

  async function fillBars(order: Order, models: readonly ServedModel[], frame: Frame, bars: Int32Array, tally: Tally, context: JobContext) {
    const { symbol, timeframe } = order
    const series = { symbol, timeframe }
    const oldestMs = (await store.candles.extent(series))?.firstMs
    const known = new Map<ServedModel, ReadonlyMap<number, KnownPrediction>>()
    for (const model of models) known.set(model, await knownBars({ store, model, series, frame, barMs: barMsOf(order), bars }))

    let batch = emptyBatch()
    for (let at = 0; at < bars.length; at += barsPerBlock) {
      context.signal.throwIfAborted()
      const block = bars.subarray(at, at + barsPerBlock)
      for (const { members, todo } of shareWork(models, known, block)) {
        if (todo.length === 0) continue
        const common = { series, frame, bars: todo, submitted: 0, unfinishedDropped: 0, acceptedMs: nowMs(), origin: 'backfill' as const }
        const { made, skipped } = await predictModels({ ...common, models: members, oldestMs, before: batch.made })
        // A member that is in the order itself has its own turn.
        const isTheirs = ({ model }: NewPrediction) =>
          members.some(({ name }) => name === model) || !models.some(({ name }) => name === model)
        batch.made.push(...made.filter(isTheirs))
        batch.skipped.push(...skipped)
      }
      batch.lastMs = frame.openTimeMs[block[block.length - 1]!]!
      for (const model of models) for (const bar of block) if (known.get(model)!.has(bar)) batch.known.push(known.get(model)!.get(bar)!)
      if (batch.made.length >= rowsPerCommit || at + barsPerBlock >= bars.length) {
        await keep(order, batch, tally, context)
        batch = emptyBatch()
      }
      await setImmediate()
    }
  }

  async function keep(order: Order, batch: Batch, tally: Tally, context: JobContext): Promise<void> {
    const { symbol, timeframe } = order
    const recordedAtMs = nowMs()
    const absences = batch.skipped.map(({ model, barTimeMs, code, detail }) => ({
      symbol,
      timeframe,
      model,
      barTimeMs,
      reason: code === 'feature-mismatch' ? ('refused' as const) : code,
      detail,
      recordedAtMs,
    }))
    const recorded = await store.record(batch.made, { absences })
    const lines: Line[] = []
    for (const { prediction, isNew } of recorded) {
      const { model, barTimeMs } = prediction
      // Members of an ensemble that are not in the order are stored and not counted.
      if (!order.models.some((ordered) => ordered.model === model)) continue
      count(model, isNew ? 'new' : 'known')
      lines.push({ model, barTimeMs, text: isNew ? tally.written(prediction) : tally.known(model, barTimeMs) })
    }
    for (const prediction of batch.known) {
      const { model, barTimeMs } = prediction
      lines.push({ model, barTimeMs, text: tally.isOurs(prediction) ? tally.written(prediction) : tally.known(model, barTimeMs) })
    }
    for (const skipped of batch.skipped) {
      const { model, barTimeMs } = skipped
      count(model, 'refused')
      lines.push({ model, barTimeMs, text: tally.skipped(skipped) })
    }
    for (const { text } of inOrder(lines, order)) context.note(text)
    tally.reached(batch.lastMs)
    context.progress(tally.progress())
  }
}

interface Batch {
  readonly made: NewPrediction[]
  readonly skipped: SkippedBar[]
  /** Of bars that are stored already. */
  readonly known: KnownPrediction[]
  lastMs: number
}

interface Line {
  readonly model: string
  readonly barTimeMs: number
  readonly text: JsonObject
}

/** By bar, oldest first; of one bar the models as they were ordered. */
function inOrder(lines: readonly Line[], { models }: Order): Line[] {
  const place = new Map(models.map(({ model }, k) => [model, k]))
  return [...lines].sort((a, b) => a.barTimeMs - b.barTimeMs || place.get(a.model)! - place.get(b.model)!)
}

function emptyBatch(): Batch {
  return { made: [], skipped: [], known: [], lastMs: NaN }
}

/** Indices of the bars to predict: from `fromMs` on, in a list only those named. */
function barsOf({ openTimeMs, nBars }: Frame, fromMs: number, listed: ReadonlySet<number> | undefined): Int32Array {
  const first = firstBarFrom(openTimeMs, fromMs)
  const all = Int32Array.from({ length: nBars - first }, (_, k) => first + k)
  return listed === undefined ? all : all.filter((bar) => listed.has(openTimeMs[bar]!))
}

/** Models that have the same bars left to do are asked together, so that their features are computed once. */
function shareWork(models: readonly ServedModel[], known: ReadonlyMap<ServedModel, ReadonlyMap<number, unknown>>, block: Int32Array) {
  const groups: { members: ServedModel[]; todo: Int32Array }[] = []
  for (const model of models) {
    const done = known.get(model)!
    const todo = done.size === 0 ? block : block.filter((bar) => !done.has(bar))
    const group = groups.find((each) => each.todo.length === todo.length && each.todo.every((bar, k) => bar === todo[k]))
    if (group === undefined) groups.push({ members: [model], todo })
    else group.members.push(model)
  }
  return groups
}

function barMsOf({ timeframe }: Order): number {
  return durationMs(timeframe as Timeframe)
}

function ignore(): void {}
