import { createHash } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { StoredFeatures } from '../feature-store.js'
import type { FeatureNames, FeatureRow } from './feature-columns.js'
import { findFeatures } from './find-features.js'
import { apartFromNegativeZeros } from './negative-zeros.js'

/** What is known of the stored features without asking the tables. */
export interface FeatureMemory {
  /** The newest bar of each key and series, by `featureSeriesKey`. */
  readonly newestBarMs: Map<string, number>
  /** Lists of names that are surely stored, by their hash. */
  readonly namesIds: Set<string>
}

/** What a commit will do to the features, before it is done. */
export interface StagedFeatures {
  /** Stages a row, merged into the one of its place. @returns false when it changes nothing */
  keep(row: StoredFeatures, revision: number): boolean
  /** What to do to the tables. */
  changes(): FeatureChanges
  /** After the commit: the memory is brought up to date. */
  done(): void
}

export interface FeatureChanges {
  /** Stored rows that go, because others take their places. */
  readonly replaced: readonly FeaturePlace[]
  readonly rows: readonly FeatureRow[]
  /** Lists of names to add. */
  readonly names: readonly FeatureNames[]
}

interface StagedRow {
  readonly row: StoredFeatures
  readonly revision: number
}

/** Bars that are newer than all of their series need no look into the table. */
export async function stageFeatures(
  memory: FeatureMemory,
  writer: DuckDBConnection,
  handedIn: readonly StoredFeatures[],
): Promise<StagedFeatures> {
  const older = olderFeatures(memory, handedIn)
  const stored = new Map((await findFeatures(writer, older)).map((row) => [featurePlaceKey(row), row]))
  const staged = new Map<string, StagedRow>()

  return { keep, changes, done }

  function keep(row: StoredFeatures, revision: number): boolean {
    const key = featurePlaceKey(row)
    const there = staged.get(key)?.row ?? stored.get(key)
    const merged = there === undefined ? row : merge(there, row)
    if (merged === there) return false
    staged.set(key, { row: merged, revision })
    return true
  }

  function changes(): FeatureChanges {
    const rows = Array.from(staged.values(), toRow)
    const lists = new Map<string, FeatureNames>()
    for (const { row, revision } of staged.values()) {
      const id = namesId(row.names)
      if (!memory.namesIds.has(id) && !lists.has(id)) lists.set(id, { namesId: id, names: row.names, revision })
    }
    return { replaced: [...staged.keys()].flatMap((key) => stored.get(key) ?? []).map(placeOf), rows, names: [...lists.values()] }
  }

  function done(): void {
    for (const { row } of staged.values()) {
      const series = featureSeriesKey(row)
      memory.newestBarMs.set(series, Math.max(row.barTimeMs, memory.newestBarMs.get(series) ?? -Infinity))
      memory.namesIds.add(namesId(row.names))
    }
  }
}

/** Those that the table must be asked for. */
export function olderFeatures(memory: FeatureMemory, handedIn: readonly StoredFeatures[]): StoredFeatures[] {
  return handedIn.filter((row) => row.barTimeMs <= (memory.newestBarMs.get(featureSeriesKey(row)) ?? -Infinity))
}

function toRow({ row: { names, values, ...rest }, revision }: StagedRow): FeatureRow {
  return { ...rest, namesId: namesId(names), revision, ...apartFromNegativeZeros(values) }
}

/** @returns `old` itself when `newer` says the same, bit for bit */
function merge(old: StoredFeatures, newer: StoredFeatures): StoredFeatures {
  const places = new Map(old.names.map((name, k) => [name, k]))
  const names = [...old.names]
  const values = [...old.values]
  let differs = false
  newer.names.forEach((name, k) => {
    const value = newer.values[k] as number
    const place = places.get(name) ?? names.length
    if (place < names.length && Object.is(values[place], value)) return
    differs = true
    names[place] = name
    values[place] = value
    places.set(name, place)
  })
  return differs ? { ...newer, names, values: Float64Array.from(values) } : old
}

export function namesId(names: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(names)).digest('hex')
}

/** Where a row stands; rows with one place are merged. */
export type FeaturePlace = Pick<StoredFeatures, 'featureKey' | 'symbol' | 'timeframe' | 'barTimeMs'>

function placeOf({ featureKey, symbol, timeframe, barTimeMs }: FeaturePlace): FeaturePlace {
  return { featureKey, symbol, timeframe, barTimeMs }
}

export function featureSeriesKey({ featureKey, symbol, timeframe }: Omit<FeaturePlace, 'barTimeMs'>): string {
  return `${featureKey}\n${symbol}\n${timeframe}`
}

export function featurePlaceKey(row: FeaturePlace): string {
  return `${featureSeriesKey(row)}\n${row.barTimeMs}`
}
