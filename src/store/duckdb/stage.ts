import type { CandleChanges } from '../candle-store.js'
import type { StoredFeatures } from '../feature-store.js'
import type { NewAbsence } from '../log-store.js'
import type { Commit, NewPrediction, Recorded, StoredPrediction } from '../store.js'
import type { Changes } from './changes.js'
import type { Database } from './database.js'
import { createLinker, placeKey } from './link.js'
import type { Linker, Placed } from './link.js'
import { isRemembered, stageCandles } from './stage-candles.js'
import type { HandedCandles } from './stage-candles.js'
import { olderFeatures, stageFeatures } from './stage-features.js'

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

/** What calls will do, before it is done. */
export interface Staged {
  readonly kept: readonly Kept[]
  /** Undefined: nothing is new. */
  readonly changes: Changes | undefined
  /** After the commit: the memory is brought up to date. @returns what listeners are told */
  readonly done: (changes: Changes) => Commit
}

/**
 * Decides what calls do, one after another. Each call that changes something has a number of its own. What is in memory is taken in the turn of the
 * call, so that `needsNoTable` stays true.
 */
export async function stage(database: Database, calls: readonly Handed[]): Promise<Staged> {
  const { recent, writer, candleMemory, featureMemory } = database
  const candles = await stageCandles(
    candleMemory,
    writer,
    calls.flatMap((call) => call.candles ?? []),
  )
  const linker = await stageLinks(
    database,
    calls.flatMap((call) => call.predictions),
  )
  const handedFeatures = calls.flatMap((call) => call.features ?? [])
  const features = await stageFeatures(featureMemory, writer, handedFeatures)
  const after = database.revision
  const kept: Kept[] = []
  let revision = after
  for (const call of calls) {
    const next = revision + 1
    const recorded = call.predictions.map((prediction) => linker.record(prediction, next))
    const changes = call.candles === undefined ? noCandles : candles.keep(call.candles, next)
    const nFeatures = (call.features ?? []).filter((row) => features.keep(row, next)).length
    if (recorded.some(({ isNew }) => isNew) || changes.added + changes.revised.length + nFeatures > 0) revision = next
    kept.push({ recorded, candles: changes })
  }

  return { kept, changes: revision === after ? undefined : changesOf(), done }

  function changesOf(): Changes {
    const { added, superseded } = linker.links()
    const { rows, names, replaced } = features.changes()
    return {
      after,
      revision,
      predictions: added,
      superseded,
      candles: candles.rows,
      featureNames: names,
      featuresReplaced: replaced,
      features: rows,
    }
  }

  function done(changes: Changes): Commit {
    database.revision = changes.revision
    recent.add(changes.predictions)
    candles.done()
    features.done()
    return { revision: changes.revision, predictions: changes.predictions, candles: candles.touched(), outcomes: 0 }
  }
}

/** Looks up what is not remembered. */
async function stageLinks({ recent, lookup }: Database, predictions: readonly NewPrediction[]): Promise<Linker> {
  const kept: StoredPrediction[] = []
  const current = new Map<string, Placed>()
  const asked: NewPrediction[] = []
  for (const row of predictions) {
    const standing = recent.kept(row)
    if (standing === undefined) asked.push(row)
    if (standing?.known !== undefined) kept.push(standing.known)
    if (standing?.current !== undefined) current.set(placeKey(row), standing.current)
  }
  for (const row of await lookup.kept(asked)) {
    kept.push(row)
    if (row.supersededBy === null) current.set(placeKey(row), row)
  }
  return createLinker(kept, current)
}

const noCandles: CandleChanges = { added: 0, known: 0, revised: [] }

/** Whether `stage` needs no statement: everything that calls depend on is in memory. */
export function needsNoTable({ recent, candleMemory, featureMemory }: Database, calls: readonly Handed[]): boolean {
  return calls.every(
    ({ predictions, candles, features = [] }) =>
      predictions.every((row) => recent.kept(row) !== undefined) &&
      (candles === undefined || isRemembered(candleMemory, candles)) &&
      olderFeatures(featureMemory, features).length === 0,
  )
}
