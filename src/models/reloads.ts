import { setTimeout } from 'node:timers/promises'
import { Problem } from '../errors.js'
import { createFindChanges } from './find-changes.js'
import type { FoundBundle } from './found-bundle.js'
import { mergeReports } from './merge-reports.js'
import type { ServedModel } from './model.js'
import type { RegistryOptions, ReloadReport } from './registry.js'
import { loadingSlot, type Slot } from './slot.js'

/** A changed bundle is taken when its files did not change for so long. */
const settleMs = 300

export interface ReloadParts extends Pick<RegistryOptions, 'onReload' | 'onUnreadable'> {
  readonly scan: () => Promise<FoundBundle[]>
  /** The registry's, by name: models come and go in it. */
  readonly slots: Map<string, Slot>
  /** True: a new model is described only. */
  readonly isLazy: boolean
  readonly describe: (slot: Slot) => Promise<void>
  readonly load: (slot: Slot, found: FoundBundle) => Promise<void>
  readonly retire: (model: ServedModel) => void
  /** Before the first look. */
  readonly loaded: Promise<void>
  /** Aborted when the registry is closed. */
  readonly signal: AbortSignal
}

/** What happens to a models directory after it was opened: looks at it, each of which takes what has changed and is whole. */
export interface Reloads {
  /**
   * Looks now, and resolves to what became of all changes meanwhile, whoever's look took them.
   * @throws Problem `model-unavailable` when the directory cannot be read: everything stays as it is
   */
  readonly reload: () => Promise<ReloadReport>
  /** Looks every so many milliseconds until the registry is closed; never rejects. */
  readonly watch: (everyMs: number) => Promise<void>
}

export function createReloads(parts: ReloadParts): Reloads {
  const { slots, isLazy, describe, load, retire, loaded, signal, onReload, onUnreadable } = parts
  const findChanges = createFindChanges(parts.scan, slots)
  let looking: Promise<unknown> | undefined
  /** Of each `reload` that is not over the reports of all looks that ended since. */
  const meanwhile = new Set<ReloadReport[]>()

  return { reload, watch }

  async function watch(everyMs: number): Promise<void> {
    await loaded
    let isAway = false
    while (!signal.aborted) {
      try {
        await setTimeout(everyMs, undefined, { signal, ref: false })
        await look()
        if (isAway) onUnreadable?.(undefined)
        isAway = false
      } catch (error) {
        // The end, or a directory that cannot be read at the moment: what is served goes on.
        if (!signal.aborted && !isAway) onUnreadable?.(error as Error)
        isAway = true
      }
    }
  }

  async function reload(): Promise<ReloadReport> {
    await loaded
    const reports: ReloadReport[] = []
    meanwhile.add(reports)
    try {
      // A look that has begun may have been too early, whatever becomes of it.
      await looking?.catch(() => undefined)
      await look()
      if (reports.at(-1)!.unsettled.length > 0) {
        await setTimeout(settleMs)
        await look()
      }
      return mergeReports(reports)
    } finally {
      meanwhile.delete(reports)
    }
  }

  function look(): Promise<unknown> {
    return (looking ??= takeChanges().finally(() => (looking = undefined)))
  }

  async function takeChanges(): Promise<void> {
    const { settled, removed, unsettled } = await findChanges().catch((error: unknown) => {
      throw unreadable(error)
    })
    for (const name of removed) {
      const { entry } = slots.get(name)!
      slots.delete(name)
      if (entry.state === 'served') retire(entry.model)
    }
    const became: Record<'added' | 'swapped' | 'refused', string[]> = { added: [], swapped: [], refused: [] }
    const taken: { readonly slot: Slot; readonly isNew: boolean }[] = []
    const loading: Promise<void>[] = []
    for (const found of settled) {
      const known = slots.get(found.name)
      const slot = known ?? loadingSlot(found)
      slots.set(found.name, slot)
      taken.push({ slot, isNew: known === undefined })
      if (known?.entry.state === 'idle' || (known === undefined && isLazy)) {
        slot.found = found
        await describe(slot)
      } else {
        loading.push(load(slot, found))
      }
    }
    sortByName(slots)
    await Promise.all(loading)
    for (const { slot, isNew } of taken) became[isRefused(slot) ? 'refused' : isNew ? 'added' : 'swapped'].push(slot.found.name)
    const report = { ...became, removed, unsettled }
    for (const reports of meanwhile) reports.push(report)
    if (settled.length + removed.length > 0) onReload?.(report)
  }
}

function isRefused({ entry }: Slot): boolean {
  return entry.state === 'refused' || (entry.state === 'served' && entry.failedReload !== undefined)
}

function sortByName(slots: Map<string, Slot>): void {
  const sorted = [...slots].sort(([a], [b]) => (a < b ? -1 : 1))
  slots.clear()
  for (const [name, slot] of sorted) slots.set(name, slot)
}

function unreadable(error: unknown): Problem {
  const why = (error as NodeJS.ErrnoException).code ?? 'unknown error'
  const detail = `the models directory cannot be read (${why}); nothing was changed, the models that were loaded serve on`
  return new Problem('model-unavailable', detail, { reason: 'directory' }, { cause: error, retryAfterSeconds: 5 })
}
