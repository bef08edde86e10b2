import type { StoredOutcome } from '../store/outcome-store.js'
import type { Outcome } from './schema.js'

/** An outcome as it is answered; undefined: the prediction is pending. */
export function toOutcome(stored: StoredOutcome | undefined): Outcome {
  return stored === undefined ? { status: 'pending' } : toKnownOutcome(stored)
}

export function toKnownOutcome(stored: StoredOutcome): Exclude<Outcome, { status: 'pending' }> {
  return {
    status: stored.status,
    rule: stored.rule,
    reason: stored.reason,
    entry_close: finite(stored.entryClose),
    exit_close: finite(stored.exitClose),
    realised: finite(stored.realised),
    error: finite(stored.error),
    hit: stored.hit,
    covered: stored.covered,
    realised_class: stored.realisedClass,
    drawdown: finite(stored.drawdown),
    settled_at: new Date(stored.settledAtMs).toISOString(),
  }
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null
}
