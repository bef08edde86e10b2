/**
 * How long to wait before try number `attempt` (from 1) is repeated: doubled each time up to `mostMs`, drawn from the upper half so that
 * many who failed together do not come back together.
 */
export function backoffMs(attempt: number, limits: { readonly first_ms: number; readonly most_ms: number }, random: () => number): number {
  const longest = Math.min(limits.most_ms, limits.first_ms * 2 ** Math.min(attempt - 1, 40))
  return longest * (0.5 + 0.5 * random())
}
