import { type Combined, jsonScore, type History, type Member, memberAnswer } from './member.js'
import { normalised, sumOf } from './weighted-mean.js'

/** An error below this counts as this: a member that was never wrong does not silence the others for ever. */
const leastError = 1e-12

/**
 * Σ w·value with w ∝ 1/RMSE, where RMSE is the root mean square of value − realised over the member's last `window` predictions whose horizon was
 * over before this bar. As long as one of the members has fewer than `least_outcomes` of them, all weigh the same.
 */
export function inverseErrorMean(
  members: readonly Member[],
  { window, least_outcomes: least }: { readonly window: number; readonly least_outcomes: number },
): Combined {
  const errors = members.map(({ history }) => lastErrors(history, window))
  const short = members.findIndex((_, k) => errors[k]!.length < least)
  const rmse = errors.map((each) => (each.length === 0 ? null : rootMeanSquare(each)))
  const weights = normalised(rmse.map((error) => (short === -1 ? 1 / Math.max(error!, leastError) : 1)))
  const values = sumOf(members, weights, 1)
  return {
    values,
    details: {
      rule: 'inverse-error',
      members: members.map((member, k) => ({
        ...memberAnswer(member),
        weight: weights[k],
        rmse: rmse[k],
        outcomes: errors[k]!.length,
      })),
      weights_rule:
        short === -1
          ? `1/RMSE over the last ${window} outcomes`
          : `equal: ${members[short]!.name} has ${errors[short]!.length} of ${least} outcomes`,
      value: jsonScore(values),
    },
  }
}

function lastErrors(history: History | undefined, window: number): number[] {
  if (history === undefined) return []
  const errors: number[] = []
  for (let k = 0; k < history.values.length; k++) {
    if (!Number.isNaN(history.realised[k])) errors.push(history.values[k]! - history.realised[k]!)
  }
  return errors.slice(-window)
}

function rootMeanSquare(errors: readonly number[]): number {
  return Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length)
}
