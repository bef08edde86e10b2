import { blendMembers } from './blend-members.js'
import { combineLayerOne } from './combine-layer-one.js'
import { firstThatAnswers } from './first-that-answers.js'
import { inverseErrorMean } from './inverse-error.js'
import type { Combined, Member, Moment } from './member.js'
import { combineQuantiles } from './combine-quantiles.js'
import { rankAmong } from './rank-among.js'
import { weightedMean } from './weighted-mean.js'

/** A rule with its options, as manifests name them. */
export type Rule =
  | { readonly rule: 'mean'; readonly weights?: Readonly<Record<string, number>> | undefined }
  | { readonly rule: 'inverse-error'; readonly window: number; readonly least_outcomes: number }
  | {
      readonly rule: 'blend'
      readonly temperature?: number | undefined
      readonly freshness: 'none' | 'clock'
      readonly costs?: Readonly<Record<string, number>> | undefined
      readonly planned?: number | undefined
      readonly average_volume?: number | undefined
    }
  | { readonly rule: 'layer-one'; readonly weight: number; readonly producer: 'rust' | 'python' }
  | { readonly rule: 'fallback' }
  | { readonly rule: 'quantiles'; readonly estimator: 'average' | 'conservative' }
  | { readonly rule: 'rank'; readonly min_universe: number }

/** Combines what an ensemble's members say of one bar. Pure: the same members and histories give the same bits. */
export function combine(rule: Rule, members: readonly Member[], moment: Moment): Combined {
  switch (rule.rule) {
    case 'mean':
      return weightedMean(members, rule.weights)
    case 'inverse-error':
      return inverseErrorMean(members, rule)
    case 'blend':
      return blendMembers(members, rule, moment)
    case 'layer-one':
      return combineLayerOne(members, rule)
    case 'fallback':
      return firstThatAnswers(members)
    case 'quantiles':
      return combineQuantiles(members, rule.estimator)
    case 'rank':
      return rankAmong(members, members[0]!.peers ?? [], rule)
  }
}

/**
 * Stored predictions of each member that a rule looks back on, before every bar; 0: it needs none. A blend needs 49 values before this one, and 20
 * that are settled before the first of those.
 */
export function depthOf(rule: Rule, horizonBars: number): number {
  const most = 5_000
  if (rule.rule === 'inverse-error') return Math.min(most, rule.window + horizonBars)
  return rule.rule === 'blend' ? Math.min(most, 80 + horizonBars) : 0
}
