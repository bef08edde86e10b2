import { type Combined, type Member, memberAnswer, valueOf } from './member.js'
import { quantileSet } from './quantile-set.js'

const band = 1e-6
const longFrom = 0.55
const shortTo = 0.45

/**
 * A set of quantile models as one: monotone repair, what it says of the return, and how badly the models cross. Its value is the expected return
 * by the chosen estimator. Without one of the quantiles there is no value.
 */
export function combineQuantiles(members: readonly Member[], estimator: 'average' | 'conservative'): Combined {
  const rising = [...members].sort((a, b) => a.quantile! - b.quantile!)
  const raw = rising.map(valueOf)
  const quantiles = rising.map(({ quantile }) => quantile!)
  const answers = members.map((member) => ({ ...memberAnswer(member), quantile: member.quantile }))
  if (raw.includes(undefined)) {
    return {
      values: Float64Array.of(Number.NaN),
      details: { rule: 'quantiles', estimator, members: answers, quantiles, raw: raw.map((value) => value ?? null) },
    }
  }
  const set = quantileSet(quantiles, raw as number[])
  const expected = estimator === 'average' ? set.expectedReturn : set.expectedReturnConservative
  return {
    values: Float64Array.of(expected),
    details: {
      rule: 'quantiles',
      estimator,
      members: answers,
      quantiles,
      raw,
      repaired: Array.from(set.repaired),
      cross_violations: set.crossViolations,
      max_cross_gap: set.maxCrossGap,
      expected_return: set.expectedReturn,
      expected_return_conservative: set.expectedReturnConservative,
      probability_up: set.probabilityUp,
      tail_spread: set.tailSpread,
      signal_exp: expected > band ? 1 : expected < -band ? -1 : 0,
      signal_prob: set.probabilityUp >= longFrom ? 1 : set.probabilityUp <= shortTo ? -1 : 0,
    },
  }
}
