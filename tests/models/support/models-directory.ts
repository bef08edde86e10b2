import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { multiTimeframe } from '../../../src/features/multi-timeframe/catalogue.js'
import { openRegistry, type Registry, type RegistryOptions } from '../../../src/models/registry.js'

/** The seven sample bundles. */
export const samples = fileURLToPath(new URL('../../../examples/models', import.meta.url))
export const sampleNames = readdirSync(samples).sort()

/** A smaller one of them, to be copied and spoiled. */
export const SAMPLE = 'crypto-up-4h'

/** Copies the sample, or another one, into a models directory under another name. */
export function addBundle(directory: string, name: string, sample = SAMPLE): Bundle {
  const path = join(directory, name)
  cpSync(join(samples, sample), path, { recursive: true })
  return {
    path,
    edit: (file, change) => writeFileSync(join(path, file), change(readFileSync(join(path, file), 'utf8'))),
    editManifest: (change) => {
      const manifest = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8')) as Record<string, unknown>
      writeFileSync(join(path, 'model.json'), JSON.stringify({ ...manifest, ...change }))
    },
    sign: () => {
      const manifest = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8')) as Record<string, unknown>
      const sha256 = createHash('sha256')
        .update(readFileSync(join(path, 'model.txt')))
        .digest('hex')
      writeFileSync(join(path, 'model.json'), JSON.stringify({ ...manifest, sha256 }))
    },
  }
}

export interface Bundle {
  readonly path: string
  edit(file: string, change: (text: string) => string): void
  editManifest(change: Record<string, unknown>): void
  /** States the digest of the model.txt that is there now. */
  sign(): void
}

/** A registry whose bundles are all served or refused. */
export async function loadedRegistry(directory: string, options: Partial<RegistryOptions> = {}): Promise<Registry> {
  const registry = await openRegistry({ directory, checksums: 'strict', allowUnsigned: false, catalogues: [multiTimeframe()], ...options })
  await registry.loaded
  return registry
}

export function emptyDirectory(parent: string, name = 'models'): string {
  const path = join(parent, name)
  mkdirSync(path, { recursive: true })
  return path
}
