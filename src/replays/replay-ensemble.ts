import { durationMs, type Timeframe } from '../candles/timeframe.js'
import type { ServedModel } from '../models/model.js'
import { combineBar, depthNeeded, isMissing, isRanking, type Part } from '../predictions/combine-bar.js'
import { windowBarsOf } from '../predictions/describe-input.js'
import { type Histories, readHistories } from '../predictions/histories.js'
import type { SkippedBar } from '../predictions/skipped-bar.js'
import type { BarOfFrame } from '../predictions/with-signal.js'
import type { NewPrediction, Store, StoredPrediction } from '../store/store.js'
import { compare } from './compare.js'
import { findWindow } from './find-window.js'
import { impossible, type Verdict } from './verdict.js'
import { hasSignal, withSignalAgain } from './with-signal-again.js'

/** A member's part as it is stored. */
type StoredPart = StoredPrediction | Exclude<Part, NewPrediction>

/** What an ensemble's details say of its making. */
interface Told {
  readonly members: readonly { readonly model: string; readonly id: string | null; readonly reason?: string }[]
  readonly as_of?: number
  readonly history_hash?: string
}

/**
 * Derives an ensemble's prediction again: from its members' predictions, which are stored under the ids that it names, and, where its rule looks back, from
 * the history as the store was then. Its signal comes from the candles that its members were predicted from.
 */
export async function replayEnsemble(
  store: Pick<Store, 'find' | 'list' | 'candles'>,
  prediction: StoredPrediction,
  model: ServedModel,
): Promise<Verdict> {
  const told = JSON.parse(prediction.details ?? '{"members":[]}') as Told
  const parts: StoredPart[] = []
  for (const { name } of model.members!) {
    const member = told.members.find((each) => each.model === name)
    if (member === undefined) return impossible(prediction, 'members-missing', `its details do not name the member ${name}`)
    const part = await partOf(store, member)
    if (part === undefined) return impossible(prediction, 'members-missing', `the prediction ${member.id} of member ${name} is not stored`)
    parts.push(part)
  }
  const histories = await historiesOf(store, prediction, model, told.as_of)
  const { symbol, timeframe, barTimeMs, createdAtMs, origin } = prediction
  const combined = await combineBar({ model, parts, series: { symbol, timeframe }, barTimeMs, acceptedMs: createdAtMs, origin, histories })
  if (!('prediction' in combined)) return impossible(prediction, 'members-missing', combined.detail)
  const again = JSON.parse(combined.prediction.details!) as Told
  if (again.history_hash !== told.history_hash) {
    const detail = 'what its members predicted before this bar, or the candles since, are not stored any more as they were'
    return impossible(prediction, 'history-changed', detail)
  }
  const candles = hasSignal(prediction) ? await candlesOf(store, parts) : undefined
  if (typeof candles === 'string') return impossible(prediction, 'candles-missing', candles)
  const made = withSignalAgain(prediction, model, combined.prediction, candles)
  return compare(prediction, { made, row: combined.row, featureNames: model.featureNames, storedRows: [] })
}

/**
 * The candles of the longest window below an ensemble: what it, and every ensemble in it, was predicted from. Undefined: features were sent. A
 * sentence when they are not there any more.
 */
async function candlesOf(store: Pick<Store, 'find' | 'candles'>, parts: readonly StoredPart[]): Promise<BarOfFrame | string | undefined> {
  const leaves = await leavesOf(store, parts)
  const [longest] = leaves.sort((a, b) => b.baseBars + b.bufferBars - (a.baseBars + a.bufferBars))
  if (longest === undefined) return undefined
  const found = await findWindow(store.candles, longest)
  return typeof found === 'string' ? found : { frame: found, bar: found.nBars - 1 }
}

/** Predictions from candles at the bottom of an ensemble, each once. */
async function leavesOf(
  store: Pick<Store, 'find'>,
  parts: readonly StoredPart[],
  seen: Set<string> = new Set(),
): Promise<StoredPrediction[]> {
  const leaves: StoredPrediction[] = []
  for (const part of parts) {
    if (isMissing(part) || seen.has(part.id)) continue
    seen.add(part.id)
    if (part.source === 'candles') leaves.push(part)
    if (part.source !== 'predictions') continue
    const { members } = JSON.parse(part.details!) as Told
    const inner = await Promise.all(members.map((member) => partOf(store, member)))
    leaves.push(
      ...(await leavesOf(
        store,
        inner.filter((each) => each !== undefined),
        seen,
      )),
    )
  }
  return leaves
}

async function partOf(store: Pick<Store, 'find'>, { model, id, reason = '' }: Told['members'][number]): Promise<StoredPart | undefined> {
  if (id !== null) return store.find(id)
  const colon = reason.indexOf(': ')
  return { model, code: reason.slice(0, colon) as SkippedBar['code'], detail: reason.slice(colon + 2) }
}

async function historiesOf(
  store: Pick<Store, 'list' | 'candles'>,
  { symbol, timeframe, barTimeMs, revision, inputBars }: StoredPrediction,
  model: ServedModel,
  asOf: number | undefined,
): Promise<Histories | undefined> {
  const depth = depthNeeded(model)
  if ((depth === 0 && !isRanking(model)) || asOf === undefined) return undefined
  const series = { symbol, timeframe }
  const barMs = durationMs(timeframe as Timeframe)
  const fromMs = barTimeMs - (windowBarsOf(model.manifest.features) - 1) * barMs
  return readHistories(store, {
    depths: depth === 0 ? new Map() : new Map(model.members!.map((member) => [member, depth])),
    ...(isRanking(model) && { ranked: new Set(model.members), barTimesMs: [barTimeMs] }),
    series,
    barMs,
    firstMs: barTimeMs,
    lastMs: barTimeMs,
    // Of features that were sent no candles are known.
    frame: inputBars === 0 ? undefined : await store.candles.read(series, fromMs, barTimeMs, revision),
    asOf,
    own: revision,
  })
}
