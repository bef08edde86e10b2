import { type Combined, type Member, memberAnswer } from './member.js'

/** The first member, in their order, whose outputs are all finite; and why those before it were passed over. NaN when none is. */
export function firstThatAnswers(members: readonly Member[]): Combined {
  const at = members.findIndex(({ values }) => values !== undefined && values.every(Number.isFinite))
  const answered = members[at]
  return {
    values:
      answered?.values ?? members.find(({ values }) => values !== undefined)?.values?.map(() => Number.NaN) ?? Float64Array.of(Number.NaN),
    details: {
      rule: 'fallback',
      members: members.map(memberAnswer),
      answered_by: answered?.name ?? null,
      passed_over: members
        .slice(0, at === -1 ? members.length : at)
        .map(({ name, reason }) => ({ model: name, reason: reason ?? 'its prediction is not finite' })),
    },
  }
}
