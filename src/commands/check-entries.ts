import { ensembleOf, resolveEnsemble } from '../models/ensembles/resolve-ensemble.js'
import type { FoundBundle } from '../models/found-bundle.js'
import type { LoadedBundle } from '../models/load-model.js'
import type { ModelEntry } from '../models/model.js'

type Loaded = LoadedBundle['entry']

export interface EntriesAsked {
  readonly found: readonly FoundBundle[]
  /** Every model of the same directory: members of ensembles may be among those that were not asked. */
  readonly beside: () => Promise<readonly FoundBundle[]>
  readonly signal: AbortSignal
}

/** Loads models one after another as a server would, lets each go again, and tells what became of them; ensembles have found their members. */
export async function checkEntries({ found, beside, signal }: EntriesAsked): Promise<readonly ModelEntry[]> {
  const entries = new Map<string, Loaded>()
  for (const bundle of found) await add(bundle)
  let others: ReadonlyMap<string, FoundBundle> | undefined
  // The map grows by members, and by members of those: each is looked at in its turn.
  for (const entry of entries.values()) {
    for (const name of ensembleOf(entry)?.ensemble.rule.members ?? []) {
      if (entries.has(name)) continue
      others ??= new Map((await beside()).map((bundle) => [bundle.name, bundle]))
      const member = others.get(name)
      if (member !== undefined) await add(member)
    }
  }
  const neighbours = { entry: (name: string) => entries.get(name), names: () => [...entries.keys(), ...(others?.keys() ?? [])] }
  return found.map(({ name }) => resolveEnsemble(entries.get(name)!, neighbours))

  async function add(bundle: FoundBundle): Promise<void> {
    signal.throwIfAborted()
    const loaded = await bundle.load()
    loaded.dispose()
    entries.set(bundle.name, withoutMemory(loaded.entry))
  }
}

/** What is told of a model, without what keeps its trees in memory. */
function withoutMemory(entry: Loaded): Loaded {
  if (entry.state !== 'served') return entry
  return { ...entry, model: { ...entry.model, score: letGo, scoreLater: undefined, inspect: letGo } }
}

function letGo(): never {
  throw new Error('the model was only looked at')
}
