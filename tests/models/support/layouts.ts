import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { allCatalogues } from '../../../src/features/catalogues.js'
import { openRegistry, type Registry, type RegistryOptions } from '../../../src/models/registry.js'

export const layouts = join(import.meta.dirname, '../../fixtures/layouts')

/** Copies one of the other systems' folders into a models directory. */
export function addLayout(directory: string, name: 'foxml-run' | 'layer-one' | 'crypto-bot', as: string = name): string {
  const path = join(directory, as)
  cpSync(join(layouts, name), path, { recursive: true })
  return path
}

/** A registry that serves other systems' models, which mostly come without a digest. */
export async function openLayouts(directory: string, options: Partial<RegistryOptions> = {}): Promise<Registry> {
  const registry = await openRegistry({
    directory,
    checksums: 'strict',
    allowUnsigned: true,
    loading: 'eager',
    catalogues: allCatalogues(),
    ...options,
  })
  await registry.loaded
  return registry
}

/** Name → `served`, or the reason and detail of the refusal. */
export function states(registry: Registry): Record<string, string> {
  return Object.fromEntries(
    registry.entries().map((entry) => [entry.name, entry.state === 'refused' ? `${entry.reason}: ${entry.detail}` : entry.state]),
  )
}
