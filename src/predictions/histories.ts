import { hash } from 'node:crypto'
import type { Frame } from '../candles/frame.js'
import type { History, Peer } from '../ensembles/member.js'
import type { ServedModel } from '../models/model.js'
import type { NewPrediction, Place, Store, StoredPrediction } from '../store/store.js'
import type { Series } from '../store/series.js'

/** What models predicted before some bars. */
export interface Histories {
  /** A model's predictions before a bar, at most `depth`, and what came of those whose horizon was over before that bar opened. */
  before(model: ServedModel, barTimeMs: number, reach: Reach): History
  /** A model's predictions of one bar for other symbols, by symbol. */
  peers(model: ServedModel, barTimeMs: number): readonly Peer[]
  /** Adds a prediction that was made and is not stored yet, in place of one of its bar. */
  add(prediction: NewPrediction): void
  /** Commit number up to which the store was looked at. */
  readonly asOf: number
}

/** How far an ensemble looks back. */
export interface Reach {
  /** Predictions of each member. */
  readonly depth: number
  /** Bars of its window, whose candles are taken as they are predicted from; older ones as they are stored. */
  readonly windowBars: number
}

export interface HistoriesAsked {
  /** Models with the depth of each. */
  readonly depths: ReadonlyMap<ServedModel, number>
  /** Models whose predictions for other symbols are wanted, of these bars. */
  readonly ranked?: ReadonlySet<ServedModel>
  readonly barTimesMs?: readonly number[]
  readonly series: Series
  readonly barMs: number
  /** Open times of the first and the last bar that is predicted. */
  readonly firstMs: number
  readonly lastMs: number
  /** The candles that are predicted from. */
  readonly frame: Frame | undefined
  /** Commit number to look at; predictions of the commit `own` count, too. */
  readonly asOf: number
  readonly own?: number | undefined
}

interface Row {
  readonly id: string
  readonly barTimeMs: number
  readonly value: number
  readonly createdAtMs: number
}

const rowsAtOnce = 2_000

/**
 * Reads what models predicted before some bars, out of the store as it was right after a commit: the same at any later time. Only predictions of the
 * very model count, by its digest, the newest of each bar; what came of them is told by the candles, by the rules that settle outcomes.
 */
export async function readHistories(store: Pick<Store, 'list' | 'candles'>, asked: HistoriesAsked): Promise<Histories> {
  const { depths, series, barMs, firstMs, lastMs, frame, asOf } = asked
  const rows = new Map<string, Row[]>()
  for (const [model, depth] of depths) rows.set(model.name, await readRows(store, asked, model, depth))
  const oldestMs = Math.min(firstMs, ...[...rows.values()].flatMap((each) => each[0]?.barTimeMs ?? []))
  const peersByBar = await readPeers(store, asked)
  const stored = oldestMs < lastMs ? closesOf(await store.candles.read(series, oldestMs, lastMs, asOf)) : none
  const sent = frame === undefined ? none : closesOf(frame)

  return { before, add, asOf, peers: (model, barTimeMs) => peersByBar.get(`${model.name} ${barTimeMs}`) ?? [] }

  function add({ model, id, barTimeMs, yPred, createdAtMs }: NewPrediction): void {
    const all = rows.get(model)
    const value = yPred[0]!
    if (all === undefined || !Number.isFinite(value)) return
    let at = all.length
    while (at > 0 && all[at - 1]!.barTimeMs >= barTimeMs) at--
    all.splice(at, all[at]?.barTimeMs === barTimeMs ? 1 : 0, { id, barTimeMs, value, createdAtMs })
  }

  function before(model: ServedModel, barTimeMs: number, { depth, windowBars }: Reach): History {
    const all = rows.get(model.name) ?? []
    let end = all.length
    while (end > 0 && all[end - 1]!.barTimeMs >= barTimeMs) end--
    const used = all.slice(Math.max(0, end - depth), end)
    const horizonMs = model.manifest.horizonBars * barMs
    const closeAt = (ms: number) =>
      (ms > barTimeMs - windowBars * barMs && ms < barTimeMs ? sent.get(ms) : undefined) ?? stored.get(ms) ?? Number.NaN
    const cameOf = (row: Row) => {
      const exitMs = row.barTimeMs + horizonMs
      return exitMs >= barTimeMs ? Number.NaN : realised(model.manifest.output, closeAt(row.barTimeMs), closeAt(exitMs))
    }
    return {
      ids: used.map(({ id }) => id),
      barTimeMs: Float64Array.from(used, (row) => row.barTimeMs),
      values: Float64Array.from(used, ({ value }) => value),
      createdAtMs: Float64Array.from(used, (row) => row.createdAtMs),
      realised: Float64Array.from(used, cameOf),
    }
  }
}

/** SHA-256, hex, over the ids of histories and what came of them, or over the ids of peers. */
export function hashHistories(histories: readonly History[], peers: readonly Peer[]): string {
  const lines = histories.map(({ ids, realised }) => ids.map((id, k) => `${id} ${realised[k]!}\n`).join(''))
  return hash('sha256', [...lines, ...peers.map(({ symbol, id }) => `${symbol} ${id}\n`)].join('--\n'), 'hex')
}

/** In the unit of the prediction: return, 1 or 0 for a probability, else the log return. */
function realised(output: string, entry: number, exit: number): number {
  if (output === 'return') return exit / entry - 1
  const logReturn = Math.log(exit) - Math.log(entry)
  return output !== 'probability_up' || Number.isNaN(logReturn) ? logReturn : logReturn > 0 ? 1 : 0
}

function closesOf({ openTimeMs, close }: Frame): ReadonlyMap<number, number> {
  return new Map(Array.from(openTimeMs, (ms, bar) => [ms, close[bar]!]))
}

const none: ReadonlyMap<number, number> = new Map()

/** The newest predictions before the last bar, oldest first: enough that `depth` of them lie before the first bar. */
async function readRows(
  store: Pick<Store, 'list'>,
  { series, barMs, firstMs, lastMs, asOf, own }: HistoriesAsked,
  model: ServedModel,
  depth: number,
): Promise<Row[]> {
  const byBar = new Map<number, StoredPrediction>()
  let nBefore = 0
  let after: Place | undefined
  do {
    const page = await store.list({
      symbol: series.symbol,
      timeframe: series.timeframe,
      model: model.name,
      toMs: lastMs - barMs,
      order: 'desc',
      history: true,
      limit: Math.min(rowsAtOnce, depth + 64),
      ...(after && { after }),
    })
    for (const row of page) {
      if (row.modelSha256 !== model.sha256 || (row.revision > asOf && row.revision !== own)) continue
      const known = byBar.get(row.barTimeMs)
      if (known === undefined && row.barTimeMs < firstMs) nBefore++
      if (known === undefined || row.revision > known.revision) byBar.set(row.barTimeMs, row)
    }
    after = page.length < Math.min(rowsAtOnce, depth + 64) ? undefined : page.at(-1)
    // One bar more than needed: the last one of a page may go on in the next.
  } while (after !== undefined && nBefore <= depth)
  return [...byBar.values()]
    .map(({ id, barTimeMs, yPred, createdAtMs }) => ({ id, barTimeMs, value: yPred[0]!, createdAtMs }))
    .filter(({ value }) => Number.isFinite(value))
    .sort((a, b) => a.barTimeMs - b.barTimeMs)
}

/** Of each ranked model and bar the newest prediction of every other symbol, as the store was then. */
async function readPeers(
  store: Pick<Store, 'list'>,
  { ranked = new Set(), barTimesMs = [], series, asOf, own }: HistoriesAsked,
): Promise<ReadonlyMap<string, readonly Peer[]>> {
  const found = new Map<string, readonly Peer[]>()
  for (const model of ranked) {
    for (const barTimeMs of barTimesMs) {
      const { timeframe } = series
      const only = { timeframe, model: model.name, fromMs: barTimeMs, toMs: barTimeMs, order: 'asc', history: true, limit: 10_000 } as const
      const newest = new Map<string, StoredPrediction>()
      for (const row of await store.list(only)) {
        if (row.symbol === series.symbol || row.modelSha256 !== model.sha256 || (row.revision > asOf && row.revision !== own)) continue
        if ((newest.get(row.symbol)?.revision ?? 0) < row.revision) newest.set(row.symbol, row)
      }
      const peers = Array.from(newest.values(), ({ symbol, id, yPred }) => ({ symbol, id, value: yPred[0]! }))
      found.set(
        `${model.name} ${barTimeMs}`,
        peers.filter(({ value }) => Number.isFinite(value)).sort((a, b) => (a.symbol < b.symbol ? -1 : 1)),
      )
    }
  }
  return found
}
