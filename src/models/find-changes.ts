import type { FoundBundle } from './found-bundle.js'

/** What a look at the models directory found to be otherwise than it is known. */
export interface DirectoryChanges {
  /** New or changed, and just so at the look before: nobody is writing them any more. */
  readonly settled: readonly FoundBundle[]
  /** Names of known models that neither this look nor the one before found. */
  readonly removed: readonly string[]
  /** Names of models that are still being written, or that this look is the first not to find: another look will tell. */
  readonly unsettled: readonly string[]
}

/**
 * Looks at a directory again and again; each call is one look. What one look alone shows is not believed: files are written bit by bit, and a
 * folder that is replaced by renaming is missing for a moment.
 * @param scan finds the directory's models
 * @param known the models that were taken so far, by name; the caller's, read at every look
 */
export function createFindChanges(
  scan: () => Promise<readonly FoundBundle[]>,
  known: ReadonlyMap<string, { readonly found: FoundBundle }>,
): () => Promise<DirectoryChanges> {
  /** Changed models with their fingerprints, and absent ones, at the last look. */
  let changing = new Map<string, string>()
  let missing = new Set<string>()

  return async () => {
    const seen = await scan()
    const present = new Set(seen.map(({ name }) => name))
    const absent = [...known.keys()].filter((name) => !present.has(name))
    const removed = absent.filter((name) => missing.has(name))
    const vanishing = absent.filter((name) => !missing.has(name))
    missing = new Set(vanishing)

    const changed = seen.filter(({ name, fingerprint }) => known.get(name)?.found.fingerprint !== fingerprint)
    const isSettled = changed.map(({ name, fingerprint }) => changing.get(name) === fingerprint)
    changing = new Map(changed.map(({ name, fingerprint }) => [name, fingerprint]))
    const unsettled = changed.filter((_, i) => !isSettled[i]).map(({ name }) => name)
    return { settled: changed.filter((_, i) => isSettled[i]), removed, unsettled: [...unsettled, ...vanishing] }
  }
}
