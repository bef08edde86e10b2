/** Stretches of time, inclusive, epoch milliseconds. */
export interface Range {
  readonly fromMs: number
  readonly toMs: number
}

/** Most stretches that are kept apart. */
const maxRanges = 256

/**
 * Stretches of time as few disjoint ones, rising. Those that are at most `nearMs` apart become one, and when there are still too many, so do
 * those with the smallest distances.
 */
export function mergeRanges(ranges: readonly Range[], nearMs: number, most = maxRanges): Range[] {
  const merged = mergeNear(ranges, nearMs)
  if (merged.length <= most) return merged
  const distances = merged.slice(1).map(({ fromMs }, k) => fromMs - merged[k]!.toMs)
  // One fewer than `most` distances stay; equal ones may merge more than needed, never fewer.
  const limit = distances.sort((a, b) => b - a)[most - 1]!
  return mergeNear(merged, limit)
}

function mergeNear(ranges: readonly Range[], nearMs: number): Range[] {
  const merged: Range[] = []
  for (const range of [...ranges].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1)
    if (last !== undefined && range.fromMs - last.toMs <= nearMs) {
      merged[merged.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, range.toMs) }
    } else merged.push(range)
  }
  return merged
}
