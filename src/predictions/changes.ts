import type { Commit, Line, PredictionQuery, Store } from '../store/store.js'

/** Which predictions a question is about, as far as lines tell them apart. */
export type LineFilter = Partial<Line>

/** The lines that a question is about, taken together. */
export interface LineState {
  /** Rises with every commit that touched one of the lines; 0: none did since the process began. */
  readonly version: number
  /** The timeframes of the lines; none when there is no line. */
  readonly timeframes: readonly string[]
  /** Open time of each line's newest bar, epoch milliseconds. */
  readonly newestMs: readonly number[]
}

/** A change that somebody waits for. */
export interface Awaited extends LineFilter, Pick<PredictionQuery, 'fromMs' | 'toMs' | 'origin'> {}

export interface Changes {
  /** Where the lines of a filter stand. Without a pause once the store was asked for the first time. */
  state(filter: LineFilter): LineState
  /** Resolves when `state` may be asked. */
  readonly ready: () => Promise<void>
  /**
   * Calls `wake` once, at the first commit that changes what is awaited: a prediction, or an outcome of one.
   * @returns forgets it
   */
  await(awaited: Awaited, wake: () => void): () => void
}

interface Known extends Line {
  newestMs: number
  version: number
}

/** Filters whose lines are remembered; more than that many different ones are looked up anew. */
const maxFilters = 1_000

/**
 * What changed, in memory, line by line, from the store's commits: so that unchanged answers cost no query, and commits of other lines, candles
 * or signs of life change no tag and wake nobody.
 */
export function createChanges(store: Pick<Store, 'lines' | 'onCommit'>): Changes {
  const lines = new Map<string, Known>()
  const byFilter = new Map<string, { readonly matching: readonly Known[]; asOf: number; state: LineState }>()
  const waiting = new Set<{ readonly awaited: Awaited; readonly wake: () => void }>()
  let total = 0
  let asked: Promise<void> | undefined

  store.onCommit(take)
  return {
    state,
    ready: () => (asked ??= readLines()),
    await: (awaited, wake) => {
      const entry = { awaited, wake }
      waiting.add(entry)
      return () => void waiting.delete(entry)
    },
  }

  async function readLines(): Promise<void> {
    try {
      for (const line of await store.lines()) {
        const known = lineOf(line)
        known.newestMs = Math.max(known.newestMs, line.newestMs)
      }
      byFilter.clear()
    } catch (error) {
      asked = undefined
      throw error
    }
  }

  function lineOf({ symbol, timeframe, model }: Line): Known {
    const key = `${symbol}\n${timeframe}\n${model}`
    let line = lines.get(key)
    if (line === undefined) {
      line = { symbol, timeframe, model, newestMs: -Infinity, version: 0 }
      lines.set(key, line)
      byFilter.clear()
    }
    return line
  }

  function state(filter: LineFilter): LineState {
    const key = `${filter.symbol ?? ''}\n${filter.timeframe ?? ''}\n${filter.model ?? ''}`
    const known = byFilter.get(key)
    if (known?.asOf === total) return known.state
    const matching = known?.matching ?? [...lines.values()].filter((line) => fits(line, filter))
    const state = stateOf(matching)
    if (byFilter.size >= maxFilters) byFilter.clear()
    byFilter.set(key, { matching, asOf: total, state })
    return state
  }

  function take(commit: Commit): void {
    const { predictions, outcomes, settled } = commit
    if (predictions.length === 0 && outcomes === 0) return
    total++
    for (const prediction of predictions) {
      const line = lineOf(prediction)
      line.version = total
      line.newestMs = Math.max(line.newestMs, prediction.barTimeMs)
    }
    if (outcomes > 0) for (const line of settled?.map(lineOf) ?? lines.values()) line.version = total
    // Whoever waits again for the same, because of this commit, is not woken by it twice.
    for (const entry of [...waiting]) {
      if (!concerns(commit, entry.awaited)) continue
      waiting.delete(entry)
      entry.wake()
    }
  }
}

function stateOf(lines: readonly Known[]): LineState {
  return {
    version: lines.reduce((newest, { version }) => Math.max(newest, version), 0),
    timeframes: [...new Set(lines.map(({ timeframe }) => timeframe))],
    newestMs: lines.map(({ newestMs }) => newestMs),
  }
}

function concerns({ predictions, outcomes, settled }: Commit, awaited: Awaited): boolean {
  const { fromMs = -Infinity, toMs = Infinity, origin } = awaited
  const isNew = predictions.some(
    (prediction) =>
      fits(prediction, awaited) &&
      prediction.barTimeMs >= fromMs &&
      prediction.barTimeMs <= toMs &&
      // One that is superseded leaves the listing of its origin, whatever the newer one's is.
      (origin === undefined || prediction.origin === origin || prediction.supersedes !== null),
  )
  if (isNew || outcomes === 0) return isNew
  return settled === undefined || settled.some((line) => fits(line, awaited) && line.lastMs >= fromMs && line.firstMs <= toMs)
}

function fits(line: Line, { symbol, timeframe, model }: LineFilter): boolean {
  return (
    (symbol === undefined || line.symbol === symbol) &&
    (timeframe === undefined || line.timeframe === timeframe) &&
    (model === undefined || line.model === model)
  )
}
