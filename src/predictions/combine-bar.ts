import { hash } from 'node:crypto'
import { durationMs, type Timeframe } from '../candles/timeframe.js'
import { combine, depthOf } from '../ensembles/combine.js'
import { type Combined, jsonScore, type Member, memberAnswer } from '../ensembles/member.js'
import type { ServedModel } from '../models/model.js'
import type { NewPrediction } from '../store/store.js'
import type { Series } from '../store/series.js'
import { type Input, windowBarsOf } from './describe-input.js'
import { describePrediction } from './describe-prediction.js'
import { hashHistories, type Histories } from './histories.js'
import type { SkippedBar } from './skipped-bar.js'

/** A member's part in one bar: its prediction, or why there is none. */
export type Part = NewPrediction | { readonly model: string; readonly code: SkippedBar['code']; readonly detail: string }

export interface CombineBar {
  readonly model: ServedModel
  /** One per member, in their order. */
  readonly parts: readonly Part[]
  readonly series: Series
  readonly barTimeMs: number
  readonly acceptedMs: number
  /** Undefined: that of the members. */
  readonly origin: NewPrediction['origin'] | undefined
  /** Undefined where no rule looks back. */
  readonly histories: Histories | undefined
}

/** Predictions of each member that an ensemble looks back on; 0: none. */
export function depthNeeded({ manifest }: ServedModel): number {
  const rule = manifest.ensemble?.rule
  return rule === undefined || rule.rule === 'stacked' ? 0 : depthOf(rule, manifest.horizonBars)
}

/** Whether an ensemble looks at what its member predicts for other symbols. */
export function isRanking({ manifest }: ServedModel): boolean {
  return manifest.ensemble?.rule.rule === 'rank'
}

/** The prediction of an ensemble for one bar, and the row of its members' values; or why it has none. */
export async function combineBar(
  asked: CombineBar,
): Promise<{ readonly prediction: NewPrediction; readonly row: Float64Array } | SkippedBar> {
  const { model, parts, series, barTimeMs, acceptedMs, histories } = asked
  const { rule } = model.manifest.ensemble!
  const missing = parts.filter(isMissing)
  if (missing.length > 0 && (rule.rule !== 'fallback' || missing.length === parts.length)) {
    const { model: name, code, detail } = missing[0]!
    return { model: model.name, barTimeMs, code, detail: `member ${name} does not answer: ${detail}` }
  }
  const depth = depthNeeded(model)
  const looksBack = depth > 0 && histories !== undefined
  const members = parts.map((part, k): Member => {
    const member = model.members![k]!
    return {
      name: member.name,
      id: isMissing(part) ? null : part.id,
      values: isMissing(part) ? undefined : part.yPred,
      reason: isMissing(part) ? `${part.code}: ${part.detail}` : null,
      output: member.manifest.output,
      horizonBars: member.manifest.horizonBars,
      quantile: member.manifest.quantile ?? null,
      history: looksBack ? histories.before(member, barTimeMs, { depth, windowBars: windowBarsOf(model.manifest.features) }) : undefined,
      peers: isRanking(model) ? histories?.peers(member, barTimeMs) : undefined,
    }
  })
  const row = rowOf(model, parts)
  const moment = { barTimeMs, barMs: durationMs(series.timeframe as Timeframe), acceptedMs }
  const {
    values,
    raw = values,
    details,
  } = rule.rule === 'stacked' ? await scoreStacked(model, row, members) : combine(rule, members, moment)
  const historyHash =
    looksBack || isRanking(model)
      ? hashHistories(
          members.flatMap(({ history }) => history ?? []),
          members.flatMap(({ peers }) => peers ?? []),
        )
      : undefined
  const told = {
    ...details,
    ...(model.absentMembers !== undefined &&
      model.absentMembers.length > 0 && {
        absent_members: model.absentMembers.map(({ name, detail }) => ({ model: name, reason: detail })),
      }),
    ...(historyHash !== undefined && { as_of: histories!.asOf, history_hash: historyHash }),
  }
  return { prediction: describe(asked, { values, raw }, row, historyHash, JSON.stringify(told)), row }
}

export function isMissing(part: Part): part is Exclude<Part, NewPrediction> {
  return !('id' in part)
}

/** The ensemble's inputs in its order: outputs of its members; NaN where one has none. */
function rowOf({ members, featureNames }: ServedModel, parts: readonly Part[]): Float64Array {
  const values = new Map<string, number>()
  parts.forEach((part, k) => {
    if (isMissing(part)) return
    const member = members![k]!
    part.yPred.forEach((value, output) => values.set(member.nOutputs === 1 ? member.name : `${member.name}.${output}`, value))
  })
  return Float64Array.from(featureNames, (name) => values.get(name) ?? Number.NaN)
}

/** A model of predictions: none when one of its inputs is not finite, because trees would take it for a value that was missing in the training. */
async function scoreStacked(model: ServedModel, row: Float64Array, members: readonly Member[]): Promise<Combined> {
  const isWhole = row.every(Number.isFinite)
  const none = new Float64Array(model.nOutputs).fill(Number.NaN)
  const { raw, pred } = isWhole ? await (model.scoreLater ?? model.score)(row) : { raw: none, pred: none }
  const inputs = Object.fromEntries(model.featureNames.map((name, k) => [name, Number.isFinite(row[k]) ? row[k] : null]))
  return { raw, values: pred, details: { rule: 'stacked', members: members.map(memberAnswer), inputs, value: jsonScore(pred) } }
}

function describe(
  { model, parts, series, barTimeMs, acceptedMs, origin }: CombineBar,
  { values, raw }: { readonly values: Float64Array; readonly raw: Float64Array },
  row: Float64Array,
  historyHash: string | undefined,
  details: string,
): NewPrediction {
  const made = parts.filter((part): part is NewPrediction => !isMissing(part))
  const [first] = made
  const input: Input = {
    source: 'predictions',
    barTimeMs,
    inputHash: hashParts(parts, historyHash),
    inputSubmitted: first!.inputSubmitted,
    inputBars: Math.max(...made.map((each) => each.inputBars)),
    inputFirstMs: Math.min(...made.map((each) => each.inputFirstMs)),
    inputLastMs: barTimeMs,
    unfinishedDropped: first!.unfinishedDropped,
  }
  const thresholds = Float64Array.from(model.manifest.thresholds ?? [])
  const outputs = { yRaw: raw, yPred: values, thresholds, series, acceptedMs, origin: origin ?? first!.origin, details }
  return describePrediction(model, input, row, outputs)
}

/** What an ensemble's prediction was made from: SHA-256, hex, over its members' predictions, and what it looked back on. */
function hashParts(parts: readonly Part[], historyHash: string | undefined): string {
  const lines = ['barcast ensemble input 1', ...parts.map((part) => `${part.model} ${isMissing(part) ? '-' : part.id}`), historyHash ?? '-']
  return hash('sha256', lines.map((line) => `${line}\n`).join(''), 'hex')
}
