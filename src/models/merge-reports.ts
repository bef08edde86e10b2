import type { ReloadReport } from './registry.js'

const fates = ['added', 'swapped', 'removed', 'refused'] as const

/**
 * One report of many looks at a directory, one after the other: each name once, by what became of it last.
 * @param reports at least one, the oldest first
 */
export function mergeReports(reports: readonly ReloadReport[]): ReloadReport {
  // Only the newest look knows what is still being written.
  const { unsettled } = reports.at(-1)!
  const last = new Map<string, (typeof fates)[number]>()
  for (const report of reports) for (const fate of fates) for (const name of report[fate]) last.set(name, fate)
  for (const name of unsettled) last.delete(name)
  const of = (fate: (typeof fates)[number]) => [...last].flatMap(([name, found]) => (found === fate ? [name] : []))
  return { added: of('added'), swapped: of('swapped'), removed: of('removed'), refused: of('refused'), unsettled }
}
