/** A stamp as the lines show it: `YYYY-MM-DD HH:MM:SS`, UTC. */
export function stamp(time: number | string): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ')
}

export const noTargets = 'No target timestamps found to run inference (after filtering/limits)'

export interface PlanWords {
  readonly model: string
  readonly bars: number
  readonly from: string | number
  readonly to: string | number
  /** Whose features are scored. */
  readonly key: string
  readonly dataset: string | undefined
}

/** How many bars were found. */
export function foundLine({ bars, from, to }: Pick<PlanWords, 'bars' | 'from' | 'to'>): string {
  return `Found ${bars} target timestamps: [${stamp(from)} .. ${stamp(to)}]\n`
}

/** What will be done with them. */
export function planLine({ model, bars, key, dataset }: Omit<PlanWords, 'from' | 'to'>): string {
  const label = dataset === undefined ? '' : ` dataset=${dataset}`
  return `Backfill inference plan: bars=${bars} model=${model} key=${key}${label}\n`
}

export function okLine(time: string, yPred: number | null | readonly (number | null)[], suffix: string): string {
  const decimals = (value: number | null) => (value === null ? 'nan' : value.toFixed(6))
  const prediction = typeof yPred === 'object' && yPred !== null ? `[${yPred.map(decimals).join(', ')}]` : decimals(yPred)
  return `OK ${stamp(time)}: prediction=${prediction}${suffix}\n`
}

export function skipLine(time: string | number, why: string, suffix: string): string {
  return `SKIP ${stamp(time)}: ${why}${suffix}\n`
}

export function completeLine(written: number, planned: number): string {
  return `Backfill inference complete: wrote=${written} predictions out of ${planned} planned\n`
}
