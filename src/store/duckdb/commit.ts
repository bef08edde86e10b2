import type { DuckDBConnection } from '@duckdb/node-api'
import type { CandleChanges } from '../candle-store.js'
import type { StoredFeatures } from '../feature-store.js'
import type { NewAbsence } from '../log-store.js'
import type { Commit, NewPrediction, Recorded } from '../store.js'
import type { Database } from './database.js'
import { insertAbsences } from './insert-absences.js'
import type { Inserter } from './insert.js'
import { createLinker } from './link.js'
import type { Linker, Links } from './link.js'
import { removeFeatures } from './remove-features.js'
import { stageCandles } from './stage-candles.js'
import type { HandedCandles, StagedCandles } from './stage-candles.js'
import { stageFeatures } from './stage-features.js'
import type { StagedFeatures } from './stage-features.js'
import { createTransaction } from './transaction.js'
import type { Step, Transaction } from './transaction.js'

/** What one call hands in to be kept. */
export interface Handed {
  readonly predictions: readonly NewPrediction[]
  readonly candles?: HandedCandles | undefined
  readonly features?: readonly StoredFeatures[] | undefined
  readonly absences?: readonly NewAbsence[] | undefined
}

/** What became of a call. */
export interface Kept {
  readonly recorded: readonly Recorded[]
  readonly candles: CandleChanges
}

export interface Committed {
  readonly kept: readonly Kept[]
  /** Undefined: nothing was new, so nothing was written. */
  readonly commit: Commit | undefined
}

/**
 * Keeps what calls hand in, one after another, in one transaction: what is known is looked up, what is new is added, links are updated,
 * committed. Each call that changes something has a number of its own.
 */
export async function commit(database: Database, calls: readonly Handed[]): Promise<Committed> {
  const transaction = createTransaction(database.writer)
  try {
    const staged = await stage(database, calls)
    const { kept, revision, nAbsences } = await keepEach(database, transaction, staged, calls)
    if (revision === database.revision && nAbsences === 0) {
      await transaction.rollback()
      return { kept, commit: undefined }
    }
    const links = staged.linker.links()
    if (!(await transaction.commit(stepsOf(database, staged, links)))) database.broken = true
    if (revision === database.revision) return { kept, commit: undefined }
    database.revision = revision
    database.recent.add(links.added)
    staged.candles.done()
    staged.features.done()
    return { kept, commit: { revision, predictions: links.added, candles: staged.candles.touched(), outcomes: 0 } }
  } catch (cause) {
    await transaction.rollback()
    throw cause
  }
}

interface Staged {
  readonly linker: Linker
  readonly candles: StagedCandles
  readonly features: StagedFeatures
}

/** Looks up everything that the calls depend on. */
async function stage({ recent, lookup, writer, candleMemory, featureMemory }: Database, calls: readonly Handed[]): Promise<Staged> {
  const predictions = calls.flatMap((call) => call.predictions)
  const remembered = predictions.map((row) => recent.kept(row))
  const asked = predictions.filter((_, k) => remembered[k] === undefined)
  const kept = [...(await lookup.kept(asked)), ...remembered.flatMap((rows) => rows ?? [])]
  const frames = calls.flatMap((call) => call.candles ?? [])
  const rows = calls.flatMap((call) => call.features ?? [])
  return {
    linker: createLinker(kept),
    candles: await stageCandles(candleMemory, writer, frames),
    features: await stageFeatures(featureMemory, writer, rows),
  }
}

interface KeptCalls {
  readonly kept: readonly Kept[]
  /** The last number that a call got; the database's own when nothing changed. */
  readonly revision: number
  /** They use no number: no answer that has a revision shows them. */
  readonly nAbsences: number
}

async function keepEach(
  { writer, revision: before }: Database,
  transaction: Transaction,
  { linker, candles, features }: Staged,
  calls: readonly Handed[],
): Promise<KeptCalls> {
  const kept: Kept[] = []
  let revision = before
  let nAbsences = 0
  for (const call of calls) {
    const next = revision + 1
    const recorded = call.predictions.map((prediction) => linker.record(prediction, next))
    const changes = call.candles === undefined ? noCandles : candles.keep(call.candles, next)
    const nFeatures = (call.features ?? []).filter((row) => features.keep(row, next)).length
    nAbsences += await addAbsences(writer, transaction, call.absences ?? [])
    if (recorded.some(({ isNew }) => isNew) || changes.added + changes.revised.length + nFeatures > 0) revision = next
    kept.push({ recorded, candles: changes })
  }
  return { kept, revision, nAbsences }
}

const noCandles: CandleChanges = { added: 0, known: 0, revised: [] }

/** At once, because only the table knows which are new. */
async function addAbsences(writer: DuckDBConnection, transaction: Transaction, absences: readonly NewAbsence[]): Promise<number> {
  if (absences.length === 0) return 0
  await transaction.begin()
  return insertAbsences(writer, absences)
}

function stepsOf(database: Database, { candles, features }: Staged, { added, superseded }: Links): Step[] {
  const { predictions, candles: bars, featureRows, featureNames, superseder, writer } = database
  const { rows, names, replaced } = features.changes()
  const steps: Step[] = []
  if (added.length > 0) steps.push(insertion(predictions, added))
  if (superseded.length > 0) steps.push({ isOneStatement: false, run: () => superseder.mark(superseded) })
  if (candles.rows.length > 0) steps.push(insertion(bars, candles.rows))
  if (names.length > 0) steps.push(insertion(featureNames, names))
  if (replaced.length > 0) steps.push({ isOneStatement: false, run: () => removeFeatures(writer, replaced) })
  if (rows.length > 0) steps.push(insertion(featureRows, rows))
  return steps
}

function insertion<Row>(inserter: Inserter<Row>, rows: readonly Row[]): Step {
  return { isOneStatement: inserter.isOneStatement(rows.length), run: () => inserter.insert(rows) }
}
