import type { StoredOutcome } from '../store/outcome-store.js'

/** Whether two outcomes of one prediction say the same, whenever they were settled. NaN is NaN, −0 is 0. */
export function isSameOutcome(a: StoredOutcome | undefined, b: StoredOutcome | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return compared.every((field) => a[field] === b[field] || (Number.isNaN(a[field]) && Number.isNaN(b[field])))
}

const compared = [
  'status',
  'rule',
  'reason',
  'entryClose',
  'exitClose',
  'realised',
  'error',
  'hit',
  'covered',
  'realisedClass',
  'drawdown',
] as const satisfies readonly (keyof StoredOutcome)[]
