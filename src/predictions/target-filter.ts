import type { Manifest, ModelEntry } from '../models/model.js'
import type { Registry } from '../models/registry.js'

/**
 * Whether models of a target are asked by a name: by its own, or, when no model states just that name, by its name without the horizon:
 * `y_logret` asks `y_logret_24h` and `y_logret_168h`.
 */
export function targetFilter(
  wanted: string | undefined,
  registry: Pick<Registry, 'entries'>,
): (manifest: Pick<Manifest, 'target'>) => boolean {
  if (wanted === undefined) return () => true
  const isStated = registry.entries().some((entry) => statedTarget(entry) === wanted)
  return ({ target }) => target !== undefined && (target === wanted || (!isStated && withoutHorizon(target) === wanted))
}

function statedTarget(entry: ModelEntry): string | undefined {
  if (entry.state === 'loading') return undefined
  return (entry.state === 'served' ? entry.model.manifest : entry.manifest)?.target
}

function withoutHorizon(target: string): string {
  return target.replace(/_\d{1,6}(b|bars?|min|m|h|d)$/i, '')
}
