import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { invalidAt } from '../errors.js'
import { openTimeRange } from '../http/open-time-range.js'
import type { Registry } from '../models/registry.js'
import { chooseModels, namesOf } from '../predictions/choose-models.js'
import type { Series } from '../store/series.js'
import type { Store } from '../store/store.js'
import type { BackfillBody } from './body-schema.js'
import { cutoffMs, type Mode, rangeOf, selectBars, type Selection } from './select-bars.js'

/** Which bars a backfill predicts, decided once, when it is asked for: a restart does not move it. */
export interface Plan {
  readonly series: Series
  readonly mode: Mode
  readonly models: readonly PlannedModel[]
  /** Newest closed bar when the plan was made. */
  readonly cutoffMs: number
  /** What the asker may want to know, in sentences. */
  readonly notes: readonly string[]
}

export interface PlannedModel {
  readonly model: string
  /** Open times of the bars, rising. */
  readonly barsMs: Float64Array
}

export interface PlanParts {
  readonly registry: Pick<Registry, 'entries' | 'served' | 'ready' | 'isLoaded'>
  readonly store: Pick<Store, 'list' | 'candles'>
  readonly nowMs: () => number
}

/**
 * Resolves models and bars of a request.
 * @throws Problem invalid-request, unknown-model, model-unavailable, symbol-mismatch, timeframe-mismatch
 */
export async function planBackfill({ registry, store, nowMs }: PlanParts, body: BackfillBody): Promise<Plan> {
  refuseContradictions(body)
  const range = openTimeRange(body, '/from')
  await registry.ready(namesOf(body) ?? (({ state }) => state === 'idle'))
  const { models, symbol, timeframe } = chooseModels(registry, body)
  const series = { symbol, timeframe }
  const clock = { nowMs: nowMs(), barMs: durationMs(timeframe) }
  const selection: Selection = {
    mode: body.mode,
    ...range,
    timestampsMs: body.timestamps,
    atMost: body.at_most,
  }
  const notes: string[] = []
  let predictedTo = Infinity
  const planned: PlannedModel[] = []
  for (const { name } of models) {
    const lastPredictedMs = body.mode === 'last_from_predictions' ? await newestPredicted(store, series, name) : undefined
    const standing = { ...clock, lastPredictedMs }
    predictedTo = Math.min(predictedTo, lastPredictedMs ?? -Infinity)
    if (body.mode === 'last_from_predictions' && lastPredictedMs === undefined)
      notes.push(`${name} has no stored prediction of ${symbol} ${timeframe} yet: it begins 48 bars before the end`)
    planned.push({ model: name, barsMs: selectBars(selection, standing, await openTimes(store, series, rangeOf(selection, standing))) })
  }
  if (body.mode === 'ts_list') notes.push(...leftOut(body, planned))
  if (planned.every(({ barsMs }) => barsMs.length === 0)) notes.push(await whyNone(store, series, predictedTo))
  return { series, mode: body.mode, models: planned, cutoffMs: cutoffMs(clock), notes }
}

/** Listed times that are no bars of the series. A limit leaves bars out, too, and says so itself. */
function leftOut({ timestamps = [], at_most: atMost = 0 }: BackfillBody, [first]: readonly PlannedModel[]): string[] {
  const found = new Set(first?.barsMs)
  const absent = [...new Set(timestamps)].filter((ms) => !found.has(ms)).length
  if (absent === 0 || atMost > 0) return []
  return [`${absent} of the listed times ${absent === 1 ? 'is' : 'are'} left out: no closed candle of that time is stored`]
}

function refuseContradictions({ mode, from, to, timestamps }: BackfillBody): void {
  if (mode === 'ts_list') {
    if (timestamps === undefined) throw invalidAt('/timestamps', 'ts_list needs timestamps')
    if (from !== undefined) throw invalidAt('/from', 'ts_list takes timestamps, not from')
    if (to !== undefined) throw invalidAt('/to', 'ts_list takes timestamps, not to')
    return
  }
  if (timestamps !== undefined) throw invalidAt('/timestamps', `timestamps go with the mode ts_list, not with ${mode}`)
  if (mode === 'last_from_predictions' && from !== undefined)
    throw invalidAt('/from', 'last_from_predictions begins after the newest prediction; from goes with the mode window')
}

async function newestPredicted(store: PlanParts['store'], series: Series, model: string): Promise<number | undefined> {
  const [newest] = await store.list({ ...series, model, order: 'desc', history: false, limit: 1 })
  return newest?.barTimeMs
}

/** Bars that are read at once, so that a long series does not lie in memory whole. */
const barsAtOnce = 50_000

async function openTimes({ candles }: PlanParts['store'], series: Series, range: { fromMs: number; toMs: number }): Promise<Float64Array> {
  const extent = await candles.extent(series)
  if (extent === undefined) return new Float64Array(0)
  const fromMs = Math.max(range.fromMs, extent.firstMs)
  const toMs = Math.min(range.toMs, extent.lastMs)
  const stepMs = barsAtOnce * durationMs(series.timeframe as Timeframe)
  const pieces: Float64Array[] = []
  for (let at = fromMs; at <= toMs; at += stepMs) {
    const { openTimeMs } = await candles.read(series, at, Math.min(toMs, at + stepMs - 1))
    pieces.push(openTimeMs)
  }
  const all = new Float64Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const piece of pieces) {
    all.set(piece, offset)
    offset += piece.length
  }
  return all
}

/** @param predictedTo newest bar up to which every model has predicted; −∞ when that is not what decides, or one has not */
async function whyNone({ candles }: PlanParts['store'], series: Series, predictedTo: number): Promise<string> {
  const { symbol, timeframe } = series
  const extent = await candles.extent(series)
  if (extent === undefined) return `no candles of ${symbol} ${timeframe} are stored: send them with POST /candles or barcast import candles`
  const last = new Date(extent.lastMs).toISOString()
  if (predictedTo >= extent.lastMs) return `everything is predicted up to the newest stored candle of ${symbol} ${timeframe}, ${last}`
  return `the stored candles of ${symbol} ${timeframe} reach from ${new Date(extent.firstMs).toISOString()} to ${last}: name a window inside`
}
