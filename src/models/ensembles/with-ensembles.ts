import type { ModelEntry, ServedModel } from '../model.js'
import type { Registry } from '../registry.js'
import { unavailable } from '../unavailable.js'
import { ensembleOf, resolveEnsemble, type Neighbours } from './resolve-ensemble.js'

type ServedEntry = Extract<ModelEntry, { state: 'served' }>

interface Resolved {
  /** The entries that the answer was found from: another one of them, another answer. */
  readonly from: readonly (ModelEntry | undefined)[]
  readonly entry: ModelEntry
}

/**
 * A registry whose ensembles have found their members. A member that is swapped makes a new ensemble; between two requests, as always. Asking for an
 * ensemble loads its members, and leasing it keeps them. A changed manifest that is refused, or waits for a new member, leaves the ensemble serve as it
 * was, as long as its members do.
 */
export function withEnsembles(base: Registry, nowMs: () => number): Registry {
  const resolved = new Map<string, Resolved>()
  const lastServed = new Map<string, ServedEntry>()
  const neighbours: Neighbours = { entry: (name) => base.entry(name), names: () => base.entries().map(({ name }) => name) }

  return {
    ...base,
    entries: () => base.entries().map(resolve),
    entry,
    served,
    ready: (wanted) => {
      const asked =
        typeof wanted === 'function'
          ? base
              .entries()
              .map(resolve)
              .filter(wanted)
              .map(({ name }) => name)
          : wanted
      return base.ready([...withMembers(asked)])
    },
    lease: (models) => base.lease([...partsOf(models)].map(asLoaded)),
    reload: async () => {
      const report = await base.reload()
      const late = [...report.added, ...report.swapped].filter((name) => {
        const own = entry(name)
        return own?.state === 'refused' || (own?.state === 'served' && own.failedReload !== undefined)
      })
      if (late.length === 0) return report
      return {
        ...report,
        added: report.added.filter((name) => !late.includes(name)),
        swapped: report.swapped.filter((name) => !late.includes(name)),
        refused: [...report.refused, ...late],
      }
    },
  }

  function entry(name: string): ModelEntry | undefined {
    const own = base.entry(name)
    return own && resolve(own)
  }

  function resolve(own: ModelEntry): ModelEntry {
    if (ensembleOf(own) === undefined) return own
    const before = lastServed.get(own.name)?.model.members ?? []
    const from = Array.from(withMembers([own.name, ...before.map(({ name }) => name)]), (name) => base.entry(name))
    const known = resolved.get(own.name)
    if (known !== undefined && known.from.length === from.length && known.from.every((each, k) => each === from[k])) return known.entry
    const fresh = resolveEnsemble(own, neighbours)
    const entry = fresh.state === 'refused' || fresh.state === 'loading' ? (standIn(fresh) ?? fresh) : fresh
    resolved.set(own.name, { from, entry })
    if (fresh.state === 'served') lastServed.set(own.name, fresh)
    return entry
  }

  /**
   * The ensemble as it was before its manifest was spoiled, or named a member that is still loading; undefined when one of its members is not what it was,
   * or its own file is gone.
   */
  function standIn(fresh: Extract<ModelEntry, { state: 'refused' | 'loading' }>): ModelEntry | undefined {
    const { name } = fresh
    const last = lastServed.get(name)
    if (last === undefined || last.model.manifest.ensemble?.rule.rule === 'stacked') return undefined
    const isAsBefore = last.model.members!.every((member) => {
      const own = base.entry(member.name)
      return member.members === undefined && own?.state === 'served' && own.model === member
    })
    if (!isAsBefore) return undefined
    if (fresh.state === 'loading') return last
    const { reason, detail } = fresh
    return { ...last, failedReload: { reason, detail, atMs: nowMs() } }
  }

  function served(name: string): ServedModel {
    const own = base.served(name)
    if (own.manifest.ensemble === undefined) return own
    const found = entry(name)!
    switch (found.state) {
      case 'served':
        for (const part of partsOf([found.model])) base.served(part.name)
        return found.model
      case 'refused':
        throw unavailable(found)
      case 'idle':
      case 'loading':
        // One of them is not there yet: says so, and begins to load it.
        for (const member of withMembers([name])) if (base.entry(member)?.state !== 'refused') base.served(member)
        throw unavailable(found)
    }
  }

  /** What the registry below knows a model as: a stacked one has a file in memory. */
  function asLoaded(model: ServedModel): ServedModel {
    const own = model.members === undefined ? undefined : base.entry(model.name)
    return own?.state === 'served' ? own.model : model
  }

  /** Names, and those of everything they are made of. */
  function withMembers(names: readonly string[]): ReadonlySet<string> {
    const all = new Set<string>()
    const add = (name: string): void => {
      if (all.has(name)) return
      all.add(name)
      const own = base.entry(name)
      for (const member of (own && ensembleOf(own))?.ensemble.rule.members ?? []) add(member)
    }
    for (const name of names) add(name)
    return all
  }
}

/** Models, and everything that the ensembles among them are made of. */
function partsOf(models: readonly ServedModel[]): ReadonlySet<ServedModel> {
  const parts = new Set<ServedModel>()
  const add = (model: ServedModel): void => {
    parts.add(model)
    for (const member of model.members ?? []) add(member)
  }
  for (const model of models) add(model)
  return parts
}
