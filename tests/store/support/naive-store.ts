import type { NewPrediction, PredictionQuery, Recorded, Store, StoredPrediction } from '../../../src/store/store.js'

/** The contract in the plainest words, as the oracle of the suite: an array, walked from end to end. */
export function openNaiveStore(): Store {
  const rows: StoredPrediction[] = []
  let revision = 0

  return {
    record: (predictions) => {
      const recorded = predictions.map(keep)
      if (recorded.some(({ isNew }) => isNew)) revision++
      return Promise.resolve(recorded)
    },
    find: (id) => Promise.resolve(rows.find((row) => row.id === id)),
    list: (query) => Promise.resolve(rows.filter(matches(query)).sort(inOrder(query)).slice(0, query.limit)),
    revision: () => Promise.resolve(revision),
    close: () => Promise.resolve(),
  }

  function keep(prediction: NewPrediction): Recorded {
    const there = rows.find(({ id }) => id === prediction.id)
    if (there !== undefined) return { prediction: there, isNew: false }
    const older = rows.findIndex((row) => row.supersededBy === null && samePlace(row, prediction))
    const row = { ...prediction, supersedes: rows[older]?.id ?? null, supersededBy: null }
    if (older !== -1) rows[older] = { ...(rows[older] as StoredPrediction), supersededBy: row.id }
    rows.push(row)
    return { prediction: row, isNew: true }
  }
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
