import { blendWeights, temperatureOf } from './blend.js'
import { type Confidence, confidence, freshnessSeconds } from './confidence.js'
import { type Combined, type History, type Member, memberAnswer, type Moment, valueOf } from './member.js'
import { standardise, standardWindow } from './standardise.js'

export interface BlendRule {
  readonly temperature?: number | undefined
  readonly freshness: 'none' | 'clock'
  readonly costs?: Readonly<Record<string, number>> | undefined
  readonly planned?: number | undefined
  readonly average_volume?: number | undefined
}

/** Values of each member that the correlations look at, this bar's included. */
const longestHistory = 50
const minuteMs = 60_000

/**
 * FoxML's blend of one horizon: every member's value becomes a z-score among its last ten, times its confidence; weights by the correlations of those
 * (`blendWeights`); alpha = Σ w·calibrated, confidence = Σ w·overall. What FoxML keeps in memory is derived from the predictions before this
 * bar: of this symbol alone, each as it stood at its own bar. A member without a finite value is left out, and the others share the weight.
 */
export function blendMembers(members: readonly Member[], rule: BlendRule, moment: Moment): Combined {
  const calibrated = members.map((member) => {
    const value = valueOf(member)
    return value === undefined ? undefined : calibrate(member, value, rule, moment)
  })
  const temperature = rule.temperature ?? temperatureOf((members[0]!.horizonBars * moment.barMs) / minuteMs)
  const present = members.flatMap((member, k) => {
    const now = calibrated[k]
    if (now === undefined) return []
    return [{ name: member.name, value: now.calibrated, history: now.past, ic: now.confidence.ic, cost: rule.costs?.[member.name] ?? 0 }]
  })
  const { weights, rule: how } = blendWeights(present, temperature)
  const weightOf = ({ name }: Member) => weights[name] ?? 0
  const sum = (of: (k: number) => number) =>
    members.reduce((total, member, k) => total + (calibrated[k] === undefined || weightOf(member) === 0 ? 0 : weightOf(member) * of(k)), 0)
  const isThere = present.length > 0
  const alpha = isThere ? sum((k) => calibrated[k]!.calibrated) : Number.NaN
  return {
    values: Float64Array.of(alpha),
    details: {
      rule: 'blend',
      members: members.map((member, k) => describe(member, calibrated[k], weightOf(member))),
      weights_rule: how,
      temperature,
      freshness: rule.freshness,
      alpha: isThere ? alpha : null,
      confidence: isThere ? sum((k) => calibrated[k]!.confidence.overall) : 0,
      weighted_value: isThere ? sum((k) => members[k]!.values![0]!) : null,
    },
  }
}

interface Calibrated {
  readonly standardized: number
  readonly confidence: Confidence
  readonly calibrated: number
  /** Calibrated values of the bars before, oldest first. */
  readonly past: readonly number[]
}

function describe(member: Member, now: Calibrated | undefined, weight: number): Record<string, unknown> {
  const { history } = member
  return {
    ...memberAnswer(member),
    weight,
    ...(now !== undefined && { standardized: now.standardized, confidence: { ...now.confidence }, calibrated: now.calibrated }),
    ...(now === undefined && member.reason === null && { reason: 'its value is not finite' }),
    history: history?.ids.length ?? 0,
    outcomes: history?.realised.filter((value) => !Number.isNaN(value)).length ?? 0,
  }
}

function calibrate(member: Member, value: number, rule: BlendRule, moment: Moment): Calibrated {
  const history = member.history ?? none
  const at = (n: number, current: number, barTimeMs: number, createdAtMs: number) => {
    const standardized = standardise([...history.values.subarray(Math.max(0, n - standardWindow + 1), n), current])
    const trust = confidence({
      ...settledBefore(history, n, barTimeMs, member.horizonBars * moment.barMs),
      ageSeconds: rule.freshness === 'clock' ? (createdAtMs - barTimeMs - moment.barMs) / 1000 : 0,
      tauSeconds: freshnessSeconds((member.horizonBars * moment.barMs) / minuteMs),
      ...(rule.planned !== undefined && { planned: rule.planned }),
      ...(rule.average_volume !== undefined && { averageVolume: rule.average_volume }),
    })
    return { standardized, confidence: trust, calibrated: standardized * trust.overall }
  }
  const n = history.values.length
  const past: number[] = []
  for (let k = Math.max(0, n - longestHistory + 1); k < n; k++)
    past.push(at(k, history.values[k]!, history.barTimeMs[k]!, history.createdAtMs[k]!).calibrated)
  return { ...at(n, value, moment.barTimeMs, moment.acceptedMs), past }
}

/** The last 20 of the first `n` predictions whose horizon was over before a bar opened. */
function settledBefore({ barTimeMs, values, realised }: History, n: number, beforeMs: number, horizonMs: number) {
  const predicted: number[] = []
  const came: number[] = []
  for (let k = n - 1; k >= 0 && predicted.length < 20; k--) {
    if (Number.isNaN(realised[k]) || barTimeMs[k]! + horizonMs >= beforeMs) continue
    predicted.unshift(values[k]!)
    came.unshift(realised[k]!)
  }
  return { predicted, realised: came }
}

const none: History = {
  ids: [],
  barTimeMs: new Float64Array(0),
  values: new Float64Array(0),
  createdAtMs: new Float64Array(0),
  realised: new Float64Array(0),
}
