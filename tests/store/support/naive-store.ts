import type { Frame } from '../../../src/candles/frame.js'
import type { CandleChanges, CandleStore } from '../../../src/store/candle-store.js'
import type { FeatureStore, StoredFeatures } from '../../../src/store/feature-store.js'
import type { Series } from '../../../src/store/series.js'
import type { NewPrediction, PredictionQuery, Recorded, Store, StoredPrediction } from '../../../src/store/store.js'

/** The parts of the contract that every suite walks through. */
export interface NaiveStore extends Pick<Store, 'record' | 'find' | 'list' | 'revision'> {
  readonly candles: Pick<CandleStore, 'keep' | 'read' | 'extent' | 'changedSince'>
  readonly features: Pick<FeatureStore, 'keep' | 'list'>
}

interface CandleRow extends Series {
  readonly openTimeMs: number
  readonly values: readonly number[]
  readonly revision: number
}

/**
 * The contract in the plainest words, as the oracle of the suite: arrays, walked from end to end.
 * @param revision the number that it begins with
 */
export function openNaiveStore(revision = 0): NaiveStore {
  const rows: StoredPrediction[] = []
  const candles: CandleRow[] = []
  let features: StoredFeatures[] = []

  return {
    record: (predictions, beside = {}) => {
      const recorded = predictions.map(keep)
      let isChanged = recorded.some(({ isNew }) => isNew)
      const [first] = predictions
      if (beside.candles !== undefined && first !== undefined) {
        const { added, revised } = keepCandles({ symbol: first.symbol, timeframe: first.timeframe }, beside.candles)
        isChanged ||= added + revised.length > 0
      }
      for (const row of beside.features ?? []) if (keepFeatures(row)) isChanged = true
      if (isChanged) revision++
      return Promise.resolve(recorded)
    },
    find: (id) => Promise.resolve(rows.find((row) => row.id === id)),
    list: (query) => Promise.resolve(rows.filter(matches(query)).sort(inOrder(query)).slice(0, query.limit)),
    revision: () => Promise.resolve(revision),
    candles: {
      keep: (series, frame) => {
        const changes = keepCandles(series, frame)
        if (changes.added + changes.revised.length > 0) revision++
        return Promise.resolve(changes)
      },
      read: (series, fromMs, toMs, asOf = Infinity) => {
        const current = candles
          .filter((row) => sameSeries(row, series) && row.revision <= asOf && row.openTimeMs >= fromMs && row.openTimeMs <= toMs)
          .filter((row, _, all) => !all.some((other) => other.openTimeMs === row.openTimeMs && other.revision > row.revision))
          .sort((a, b) => a.openTimeMs - b.openTimeMs)
        return Promise.resolve(toFrame(current))
      },
      extent: (series) => {
        const times = candles.filter((row) => sameSeries(row, series)).map(({ openTimeMs }) => openTimeMs)
        return Promise.resolve(times.length === 0 ? undefined : { firstMs: Math.min(...times), lastMs: Math.max(...times) })
      },
      changedSince: (after) => {
        const changed = candles.filter((row) => row.revision > after)
        const series = [...new Set(changed.map(({ symbol, timeframe }) => `${symbol}\n${timeframe}`))].sort()
        return Promise.resolve(
          series.map((key) => {
            const [symbol, timeframe] = key.split('\n') as [string, string]
            const times = changed.filter((row) => sameSeries(row, { symbol, timeframe })).map(({ openTimeMs }) => openTimeMs)
            return { symbol, timeframe, firstMs: Math.min(...times), lastMs: Math.max(...times) }
          }),
        )
      },
    },
    features: {
      keep: (kept) => {
        if (kept.map(keepFeatures).some((isChanged) => isChanged)) revision++
        return Promise.resolve()
      },
      list: ({ featureKey, symbol, timeframe, fromMs = -Infinity, toMs = Infinity, order, limit, afterMs }) => {
        const sign = order === 'asc' ? 1 : -1
        return Promise.resolve(
          features
            .filter(
              (row) =>
                (featureKey === undefined || row.featureKey === featureKey) &&
                (symbol === undefined || row.symbol === symbol) &&
                (timeframe === undefined || row.timeframe === timeframe) &&
                row.barTimeMs >= fromMs &&
                row.barTimeMs <= toMs &&
                (afterMs === undefined || sign * (row.barTimeMs - afterMs) > 0),
            )
            .sort((a, b) => sign * (a.barTimeMs - b.barTimeMs) || (a.featureKey < b.featureKey ? -1 : 1))
            .slice(0, limit),
        )
      },
    },
  }

  /** Carries the number that the call gets if it changes anything; then it is a change. */
  function keep(prediction: NewPrediction): Recorded {
    const there = rows.find(({ id }) => id === prediction.id)
    if (there !== undefined) return { prediction: there, isNew: false }
    const older = rows.findIndex((row) => row.supersededBy === null && samePlace(row, prediction))
    const row = { ...prediction, supersedes: rows[older]?.id ?? null, supersededBy: null, revision: revision + 1 }
    if (older !== -1) rows[older] = { ...(rows[older] as StoredPrediction), supersededBy: row.id }
    rows.push(row)
    return { prediction: row, isNew: true }
  }

  function keepCandles(series: Series, frame: Frame): CandleChanges {
    const revised: number[] = []
    let added = 0
    frame.openTimeMs.forEach((openTimeMs, i) => {
      const values = [frame.open, frame.high, frame.low, frame.close, frame.volume].map((column) => column[i] as number)
      const there = candles.filter((row) => sameSeries(row, series) && row.openTimeMs === openTimeMs).at(-1)
      if (there?.values.every((value, k) => value === values[k])) return
      if (there === undefined) added++
      else revised.push(openTimeMs)
      candles.push({ ...series, openTimeMs, values, revision: revision + 1 })
    })
    return { added, known: frame.nBars - added - revised.length, revised }
  }

  function keepFeatures(row: StoredFeatures): boolean {
    const old = features.find((other) => sameFeaturePlace(other, row))
    const merged = new Map(old?.names.map((name, k) => [name, old.values[k] as number]))
    row.names.forEach((name, k) => merged.set(name, row.values[k] as number))
    const isSame = old?.names.length === merged.size && old.names.every((name, k) => Object.is(merged.get(name), old.values[k]))
    if (isSame) return false
    features = features.filter((other) => other !== old)
    features.push({ ...row, names: [...merged.keys()], values: Float64Array.from(merged.values()) })
    return true
  }
}

function toFrame(rows: readonly CandleRow[]): Frame {
  const column = (c: number) => Float64Array.from(rows, ({ values }) => values[c] as number)
  return {
    nBars: rows.length,
    openTimeMs: Float64Array.from(rows, ({ openTimeMs }) => openTimeMs),
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(3),
    volume: column(4),
  }
}

function sameSeries(a: Series, b: Series): boolean {
  return a.symbol === b.symbol && a.timeframe === b.timeframe
}

function sameFeaturePlace(a: StoredFeatures, b: StoredFeatures): boolean {
  return a.featureKey === b.featureKey && sameSeries(a, b) && a.barTimeMs === b.barTimeMs
}

function samePlace(a: NewPrediction, b: NewPrediction): boolean {
  return a.symbol === b.symbol && a.timeframe === b.timeframe && a.barTimeMs === b.barTimeMs && a.model === b.model
}

function matches(query: PredictionQuery): (row: StoredPrediction) => boolean {
  return (row) =>
    (query.history || row.supersededBy === null) &&
    (query.symbol === undefined || row.symbol === query.symbol) &&
    (query.timeframe === undefined || row.timeframe === query.timeframe) &&
    (query.model === undefined || row.model === query.model) &&
    (query.origin === undefined || row.origin === query.origin) &&
    (query.fromMs === undefined || row.barTimeMs >= query.fromMs) &&
    (query.toMs === undefined || row.barTimeMs <= query.toMs) &&
    (query.after === undefined || inOrder(query)(query.after, row) < 0)
}

type Placed = Pick<StoredPrediction, 'barTimeMs' | 'id'>

function inOrder({ order }: PredictionQuery): (a: Placed, b: Placed) => number {
  const sign = order === 'asc' ? 1 : -1
  return (a, b) => sign * (a.barTimeMs - b.barTimeMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}
