import type { FoundBundle } from './found-bundle.js'
import type { ModelEntry } from './model.js'
import { Refused } from './refused.js'

/** The entry of a model of which only the description is read: idle, or refused with the reason. */
export async function describedEntry(found: FoundBundle): Promise<ModelEntry> {
  const { name, source } = found
  try {
    return { name, source, state: 'idle', manifest: await found.describe() }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const { reason, message: detail, extras, manifest } = error
    return { name, source, state: 'refused', reason, detail, extras, manifest }
  }
}
