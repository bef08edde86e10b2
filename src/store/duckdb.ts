import type { Frame } from '../candles/frame.js'
import type { Beside, Commit, NewPrediction, Store } from './store.js'
import type { Base } from './duckdb/base.js'
import { createDuckdbCandles } from './duckdb/candles.js'
import type { Work } from './duckdb/commit-work.js'
import { blamesRows } from './duckdb/failure.js'
import { createDuckdbFeatures } from './duckdb/features.js'
import { createGroupCommit } from './duckdb/group-commit.js'
import { createDuckdbJobs } from './duckdb/jobs.js'
import { listPage } from './duckdb/list.js'
import { createDuckdbLog } from './duckdb/log.js'
import { createDuckdbOutcomes } from './duckdb/outcomes.js'
import { readRows, selectList } from './duckdb/read-rows.js'
import { drawSample } from './duckdb/draw-sample.js'
import { openFile } from './duckdb/open-file.js'
import { snapshot } from './duckdb/snapshot.js'
import type { Handed, Kept } from './duckdb/stage.js'
import type { HandedCandles } from './duckdb/stage-candles.js'
import { createWriting } from './duckdb/writing.js'

export interface DuckdbStoreParts {
  /** Made with its folder when it does not exist; `:memory:` keeps nothing. One store per file and process. */
  readonly path: string
  /** Told after each commit, when it is durable: how many rows it added or changed, how long it took, seconds. */
  readonly onCommit?: (rows: number, seconds: number) => void
  /** Told after each transaction that brings commits from the journal into the tables: how long it took, seconds. */
  readonly onTables?: (seconds: number) => void
  /** Given what tells how long the oldest commit has waited in the journal to come into the tables, seconds; 0: none waits. */
  readonly watchTables?: (waitingSeconds: () => number) => void
}

/**
 * Predictions, and everything around them, in a DuckDB file. `docs/store.md` describes the tables for people who open it.
 * @throws Error with one clear sentence: not a DuckDB file, not ours, of a newer version, held by another process, …
 */
export async function openDuckdbStore({ path, onCommit, onTables, watchTables }: DuckdbStoreParts): Promise<Store> {
  const { session, ahead } = await openFile(path)
  const writing = createWriting({ session, ahead, onTables })
  watchTables?.(() => ahead?.waitingSeconds ?? 0)
  const queue = createGroupCommit<Call, unknown>({ commit: commitGroup, retryApart: blamesRows, sizeOf, maxSize: 5_000 })
  const listeners = new Set<(commit: Commit) => void>()
  const base: Base = {
    write: <T>(work: Work<T>) => queue.submit({ work }) as Promise<T>,
    read: (work) => writing.read(({ reader }) => work(reader)),
  }
  let closed: Promise<void> | undefined

  return {
    record: async (predictions, beside) => (await keep(toHanded(predictions, beside))).recorded,
    find: (id) =>
      writing.read(async ({ reader }) => {
        const result = await reader.run(`SELECT ${selectList} FROM predictions WHERE id = ?`, [id])
        return (await readRows(result))[0]
      }),
    list: (query) => writing.read(({ reader }) => listPage(reader, query)),
    sample: (query) => writing.read(({ reader }) => drawSample(reader, query)),
    revision: () => session.peek(({ revision }) => revision),
    lines: () => session.peek(({ recent }) => recent.lines()),
    onCommit: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    snapshot: (to) => writing.settle().then(() => session.apart((connection) => snapshot(connection, to))),
    candles: createDuckdbCandles({ session, writing, keep: async (candles) => (await keep({ predictions: [], candles })).candles }),
    features: createDuckdbFeatures({ writing, keep: async (features) => void (await keep({ predictions: [], features })) }),
    outcomes: createDuckdbOutcomes(base),
    log: createDuckdbLog(base),
    jobs: createDuckdbJobs(base),
    close: () => (closed ??= close()),
  }

  function keep(handed: Handed): Promise<Kept> {
    return queue.submit(handed) as Promise<Kept>
  }

  async function commitGroup(calls: readonly Call[]): Promise<readonly unknown[]> {
    const [first] = calls
    if (first === undefined) return []
    const started = performance.now()
    const { results, committed, rows } = isWork(first) ? await commitWork(first.work) : await commitCalls(calls as readonly Handed[])
    if (rows > 0) onCommit?.(rows, (performance.now() - started) / 1000)
    if (committed !== undefined) tell(committed)
    return results
  }

  async function commitWork(work: Work): Promise<Done> {
    const { result, commit, rows } = await writing.work(work)
    return { results: [result], committed: commit, rows }
  }

  async function commitCalls(calls: readonly Handed[]): Promise<Done> {
    const { kept, commit, rows } = await writing.keep(calls)
    return { results: kept, committed: commit, rows }
  }

  function tell(committed: Commit): void {
    // Before the callers go on, and without any way to fail them.
    for (const listener of listeners) queueMicrotask(() => listener(committed))
  }

  async function close(): Promise<void> {
    await queue.close()
    await writing.close()
    await session.close()
    await ahead?.close()
  }
}

interface Done {
  readonly results: readonly unknown[]
  readonly committed: Commit | undefined
  readonly rows: number
}

/** What waits for its turn to write. Work of other parts is alone in its transaction. */
type Call = Handed | { readonly work: Work }

function isWork(call: Call): call is { readonly work: Work } {
  return 'work' in call
}

function sizeOf(call: Call): number {
  if (isWork(call)) return Infinity
  return call.predictions.length + (call.candles?.frame.nBars ?? 0) / 100 + (call.features?.length ?? 0) * 10
}

function toHanded(predictions: readonly NewPrediction[], beside: Beside = {}): Handed {
  const { candles: frame, features, absences } = beside
  return { predictions, candles: frame && handedCandles(frame, predictions, beside), features, absences }
}

/** The frame is of the series of what it comes with. */
function handedCandles(frame: Frame, predictions: readonly NewPrediction[], { absences = [], features = [] }: Beside): HandedCandles {
  const [prediction] = predictions
  const [absence] = absences
  const [row] = features
  const of = prediction ?? absence ?? row
  const nowMs = prediction?.createdAtMs ?? absence?.recordedAtMs ?? row?.createdAtMs
  if (of === undefined || nowMs === undefined) throw new TypeError('candles come beside something that names their series')
  return { series: { symbol: of.symbol, timeframe: of.timeframe }, frame, nowMs }
}
