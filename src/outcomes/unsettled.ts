import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { Series } from '../store/series.js'
import type { Commit } from '../store/store.js'
import { mergeRanges, type Range } from './ranges.js'

/** What has changed in one series since it was looked at last. */
export interface Changed extends Series {
  /** Bars whose predictions are new, and may have an outcome already. */
  readonly predictions: readonly Range[]
  /** Bars whose candles were added or revised. */
  readonly candles: readonly Range[]
}

/** Collects what commits change, until somebody takes it. */
export interface Unsettled {
  add(commit: Pick<Commit, 'predictions' | 'candles'>): void
  addChanged(changed: Changed): void
  /** Says which bar is the newest that is stored: predictions whose horizon ends later are pending, and are not collected. */
  noteNewest(series: Series, newestMs: number): void
  readonly isEmpty: () => boolean
  take(): Changed[]
}

interface Collected extends Series {
  predictions: Range[]
  candles: Range[]
}

/** Ranges that are so near are looked at as one, bars. */
const nearBars = 64
/** So many are collected before they are merged. */
const mergeAt = 2_048

export function createUnsettled(): Unsettled {
  let collected = new Map<string, Collected>()
  /** Newest bar of each series, as far as commits and `noteNewest` told; only after the latter is it known that there is no newer one. */
  const newestMs = new Map<string, number>()
  const noted = new Set<string>()

  return { add, addChanged, noteNewest, isEmpty: () => collected.size === 0, take }

  function add({ predictions, candles }: Pick<Commit, 'predictions' | 'candles'>): void {
    for (const { firstMs, lastMs, ...series } of candles) {
      raiseNewest(keyOf(series), lastMs)
      push(of(series).candles, { fromMs: firstMs, toMs: lastMs }, series)
    }
    for (const { symbol, timeframe, barTimeMs, horizonBars } of predictions) {
      const series = { symbol, timeframe }
      const endMs = barTimeMs + horizonBars * barMsOf(series)
      if (noted.has(keyOf(series)) && endMs > newestMs.get(keyOf(series))!) continue
      push(of(series).predictions, { fromMs: barTimeMs, toMs: barTimeMs }, series)
    }
  }

  function addChanged({ predictions, candles, ...series }: Changed): void {
    for (const range of predictions) push(of(series).predictions, range, series)
    for (const range of candles) push(of(series).candles, range, series)
  }

  function noteNewest(series: Series, newest: number): void {
    raiseNewest(keyOf(series), newest)
    noted.add(keyOf(series))
  }

  function raiseNewest(key: string, newest: number): void {
    newestMs.set(key, Math.max(newest, newestMs.get(key) ?? -Infinity))
  }

  function take(): Changed[] {
    const taken = [...collected.values()].map((series) => ({
      symbol: series.symbol,
      timeframe: series.timeframe,
      predictions: mergeRanges(series.predictions, nearBars * barMsOf(series)),
      candles: mergeRanges(series.candles, nearBars * barMsOf(series)),
    }))
    collected = new Map()
    return taken
  }

  function of({ symbol, timeframe }: Series): Collected {
    const key = keyOf({ symbol, timeframe })
    const known = collected.get(key)
    if (known !== undefined) return known
    const made = { symbol, timeframe, predictions: [], candles: [] }
    collected.set(key, made)
    return made
  }
}

function push(ranges: Range[], range: Range, series: Series): void {
  const last = ranges.at(-1)
  const barMs = barMsOf(series)
  // The common case, bars one after another, costs no memory.
  if (last !== undefined && range.fromMs >= last.fromMs && range.fromMs <= last.toMs + nearBars * barMs) {
    ranges[ranges.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, range.toMs) }
  } else if (ranges.push(range) > mergeAt) {
    ranges.splice(0, Infinity, ...mergeRanges(ranges, nearBars * barMs))
  }
}

/** Names a series in a map. */
export function keyOf({ symbol, timeframe }: Series): string {
  return `${symbol}\n${timeframe}`
}

function barMsOf({ timeframe }: Series): number {
  return durationMs(timeframe as Timeframe)
}
