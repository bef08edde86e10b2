import { type Combined, jsonScore, type Member, memberAnswer } from './member.js'

/**
 * Σ w·value / Σ w, output by output; equal weights when none are given. A member of weight 0 is told, and not waited for: any other without a
 * finite value leaves no mean, because a mean of the rest would be another model.
 */
export function weightedMean(members: readonly Member[], given: Readonly<Record<string, number>> | undefined): Combined {
  const weights = normalised(members.map(({ name }) => given?.[name] ?? 1))
  const nOutputs = Math.max(...members.map(({ values }) => values?.length ?? 1))
  const values = sumOf(members, weights, nOutputs)
  return {
    values,
    details: {
      rule: 'mean',
      members: members.map((member, k) => ({ ...memberAnswer(member), weight: weights[k] })),
      value: jsonScore(values),
    },
  }
}

/** Σ w·value over the members whose weight is not 0; NaN where one of them has none. */
export function sumOf(members: readonly Pick<Member, 'values'>[], weights: readonly number[], nOutputs: number): Float64Array {
  return Float64Array.from({ length: nOutputs }, (_, output) => {
    let sum = 0
    members.forEach(({ values }, k) => {
      if (weights[k] !== 0) sum += weights[k]! * (values?.[output] ?? Number.NaN)
    })
    return sum
  })
}

/** Weights that add up to 1. */
export function normalised(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}
