import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { invalidAt, Problem } from '../errors.js'
import { createPageCursor } from '../http/page-cursor.js'
import type { ModelEntry } from '../models/model.js'
import type { Registry } from '../models/registry.js'
import type { Run } from '../store/log-store.js'
import type { Store, StoredPrediction } from '../store/store.js'
import { createExplain, type Explanation } from './explain.js'

export interface SeriesQuery {
  readonly model: string
  readonly symbol?: string | undefined
  readonly timeframe?: Timeframe | undefined
  /** Inclusive, epoch milliseconds of the bar's open. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly order: 'asc' | 'desc'
  readonly limit: number
  readonly cursor?: string | undefined
}

/** One bar of the grid: a prediction, or why there is none. */
export interface SeriesRow {
  readonly barTimeMs: number
  readonly prediction: StoredPrediction | undefined
  readonly explanation: Explanation | undefined
}

export interface SeriesPage {
  readonly model: string
  readonly symbol: string
  readonly timeframe: Timeframe
  readonly rows: readonly SeriesRow[]
  /** Null on the last page. */
  readonly nextCursor: string | null
}

export interface SeriesParts {
  readonly store: Pick<Store, 'list' | 'lines' | 'candles' | 'log'>
  readonly registry: Pick<Registry, 'entry' | 'served'>
  /** The server's clock, epoch milliseconds. */
  readonly nowMs: () => number
}

const pageCursor = createPageCursor('barcast series cursor 1', ['number'])

/**
 * One row per bar that has closed, in pages.
 * @throws Problem unknown-model; invalid-request when the symbol or timeframe cannot be told from the model, or for a cursor of another question
 */
export async function readSeries(parts: SeriesParts, query: SeriesQuery): Promise<SeriesPage> {
  const { model, fromMs, toMs, order, limit, cursor } = query
  const { symbol, timeframe } = await seriesOf(parts, query)
  const barMs = durationMs(timeframe)
  const nowMs = parts.nowMs()
  const question = [model, symbol, timeframe, fromMs, toMs, order]
  const next = cursor === undefined ? undefined : (pageCursor.read(question, cursor)[0] as number)

  const lastMs = Math.min(gridFloor(toMs ?? Infinity, barMs), gridFloor(nowMs, barMs) - barMs)
  const firstMs = fromMs === undefined ? lastMs - (limit - 1) * barMs : Math.ceil(fromMs / barMs) * barMs
  const page =
    order === 'asc'
      ? { firstMs: next ?? firstMs, lastMs: Math.min(lastMs, (next ?? firstMs) + (limit - 1) * barMs) }
      : { firstMs: Math.max(firstMs, (next ?? lastMs) - (limit - 1) * barMs), lastMs: next ?? lastMs }
  const following = order === 'asc' ? page.lastMs + barMs : page.firstMs - barMs
  const hasNext = page.firstMs <= page.lastMs && following >= firstMs && following <= lastMs
  const rows = page.firstMs > page.lastMs ? [] : await rowsOf(parts, { model, symbol, timeframe, ...page, nowMs })
  return {
    model,
    symbol,
    timeframe,
    rows: order === 'asc' ? rows : rows.reverse(),
    nextCursor: hasNext ? pageCursor.write(question, [following]) : null,
  }
}

interface Range {
  readonly model: string
  readonly symbol: string
  readonly timeframe: Timeframe
  /** On the grid, epoch milliseconds. */
  readonly firstMs: number
  readonly lastMs: number
  readonly nowMs: number
}

async function rowsOf(parts: SeriesParts, range: Range): Promise<SeriesRow[]> {
  const { model, symbol, timeframe, firstMs, lastMs } = range
  const barMs = durationMs(timeframe)
  const nBars = (lastMs - firstMs) / barMs + 1
  const listing = { model, symbol, timeframe, fromMs: firstMs, toMs: lastMs, order: 'asc', history: false, limit: nBars } as const
  const byBar = new Map((await parts.store.list(listing)).map((prediction) => [prediction.barTimeMs, prediction]))
  const explain = byBar.size === nBars ? undefined : await explainer(parts, range)
  return Array.from({ length: nBars }, (_, k): SeriesRow => {
    const barTimeMs = firstMs + k * barMs
    const prediction = byBar.get(barTimeMs)
    return { barTimeMs, prediction, explanation: prediction === undefined ? explain?.(barTimeMs) : undefined }
  })
}

async function explainer({ store, registry }: SeriesParts, range: Range): Promise<(barTimeMs: number) => Explanation> {
  const { model, symbol, timeframe, firstMs, lastMs, nowMs } = range
  const barMs = durationMs(timeframe)
  const series = { symbol, timeframe }
  const windowBars = windowBarsOf(registry.entry(model)) ?? (await lastWindowBars(store, range))
  const endMs = lastMs + 2 * barMs
  // One by one: the store reads one after another all the same.
  const absences = await store.log.listAbsences({ ...series, model, fromMs: firstMs, toMs: lastMs })
  const runs = await store.log.runs(0, Math.max(endMs, nowMs))
  const states = await store.log.listModelStates(model, endMs)
  const extent = await store.candles.extent(series)
  const frame = await store.candles.read(series, firstMs - ((windowBars ?? 1) - 1) * barMs, lastMs)
  return createExplain({
    timeframe,
    absences,
    runs: untilNow(runs, nowMs),
    states,
    openTimeMs: frame.openTimeMs,
    oldestMs: extent?.firstMs,
    windowBars,
  })
}

/** Signs of life come every minute: the newest run, when it is not older than two, is the one that answers, and lives. */
function untilNow(runs: readonly Run[], nowMs: number): Run[] {
  return runs.map((run, k) => (k === runs.length - 1 && run.untilMs >= nowMs - 2 * 60_000 ? { ...run, untilMs: nowMs } : run))
}

/** What a question is about: as it says, or else as the model's manifest does, or its predictions. */
async function seriesOf({ store, registry }: SeriesParts, query: SeriesQuery): Promise<{ symbol: string; timeframe: Timeframe }> {
  const manifest = manifestOf(registry.entry(query.model))
  const lines = (await store.lines()).filter(({ model }) => model === query.model)
  if (registry.entry(query.model) === undefined && lines.length === 0) throw unknownModel(registry, query.model)
  const timeframe = query.timeframe ?? manifest?.timeframe ?? only(lines.map((line) => line.timeframe as Timeframe))
  if (timeframe === undefined) throw invalidAt('timeframe', 'is needed: the model does not tell it')
  const symbol = query.symbol ?? manifest?.symbol ?? only(lines.map((line) => line.symbol))
  if (symbol === undefined) throw invalidAt('symbol', 'is needed: the model is for any symbol')
  const isKnown = lines.some((line) => line.symbol === symbol && line.timeframe === timeframe)
  if (manifest !== undefined && !isKnown) {
    const extras = (expected: string, given: string) => ({ model: query.model, expected, given })
    if (manifest.timeframe !== undefined && manifest.timeframe !== timeframe) {
      const detail = `model ${query.model} was trained for ${manifest.timeframe} candles, not for ${timeframe}`
      throw new Problem('timeframe-mismatch', detail, extras(manifest.timeframe, timeframe))
    }
    if (manifest.symbol !== undefined && manifest.symbol !== symbol) {
      const detail = `model ${query.model} was trained for ${manifest.symbol}, not for ${symbol}`
      throw new Problem('symbol-mismatch', detail, extras(manifest.symbol, symbol))
    }
  }
  return { symbol, timeframe }
}

function unknownModel(registry: Pick<Registry, 'served'>, name: string): Error {
  try {
    registry.served(name)
  } catch (problem) {
    return problem as Error
  }
  return new Problem('unknown-model', `there is no model ${JSON.stringify(name)}`)
}

function manifestOf(entry: ModelEntry | undefined) {
  if (entry?.state === 'served') return entry.model.manifest
  return entry?.state === 'refused' || entry?.state === 'idle' ? entry.manifest : undefined
}

function windowBarsOf(entry: ModelEntry | undefined): number | undefined {
  const features = manifestOf(entry)?.features
  return features === undefined ? undefined : features.baseBars + features.bufferBars
}

/** Of a model that the models directory does not have any more, as its newest prediction says. */
async function lastWindowBars(store: Pick<Store, 'list'>, { model, symbol, timeframe }: Range): Promise<number | undefined> {
  const [newest] = await store.list({ model, symbol, timeframe, order: 'desc', history: false, limit: 1 })
  return newest === undefined ? undefined : newest.baseBars + newest.bufferBars
}

function only<T>(values: readonly T[]): T | undefined {
  const [first, ...others] = new Set(values)
  return others.length === 0 ? first : undefined
}

function gridFloor(ms: number, barMs: number): number {
  return Math.floor(ms / barMs) * barMs
}
