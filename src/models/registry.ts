import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Problem } from '../errors.js'
import { nearestName } from '../nearest-name.js'
import { type BundleRules, type LoadedBundle, loadBundle, modelName } from './load-bundle.js'
import type { ModelEntry, ServedModel } from './model.js'

export interface RegistryOptions extends Omit<BundleRules, 'root'> {
  /** The models directory: one folder per bundle. */
  readonly directory: string
}

/** The models of one directory, as they were when it was opened. */
export interface Registry {
  /** By name. */
  entries(): readonly ModelEntry[]
  entry(name: string): ModelEntry | undefined
  /**
   * @throws Problem `unknown-model` with the nearest name; `model-unavailable` with the reason of a refusal, or with
   * Retry-After while the bundle is loading
   */
  served(name: string): ServedModel
  /** Resolves when every bundle is served or refused; never rejects. */
  readonly loaded: Promise<void>
  /** Stops the loading and gives the models' memory back. */
  close(): void
}

/**
 * Opens a models directory. Resolves as soon as its folders are known; the bundles load one after the other in the background.
 * @throws Error when the directory does not exist or cannot be read
 */
export async function openRegistry({ directory, ...rules }: RegistryOptions): Promise<Registry> {
  const { root, names } = await listBundles(directory)
  const entries = new Map<string, ModelEntry>(names.map((name) => [name, { name, state: 'loading' }]))
  const bundles: LoadedBundle[] = []
  let closed = false

  async function load(): Promise<void> {
    for (const name of names) {
      await setImmediate()
      if (closed) return
      const bundle = await loadBundle(name, { root, ...rules })
      if (closed) {
        bundle.dispose()
        return
      }
      bundles.push(bundle)
      entries.set(name, bundle.entry)
    }
  }

  function served(name: string): ServedModel {
    const entry = entries.get(name)
    if (entry === undefined) throw unknownModel(name, names)
    switch (entry.state) {
      case 'served':
        return entry.model
      case 'refused': {
        const { reason, detail, extras } = entry
        throw new Problem('model-unavailable', `model ${name} is refused (${reason}): ${detail}`, { model: name, reason, ...extras })
      }
      case 'loading':
        throw new Problem('model-unavailable', `model ${name} is loading`, { model: name, reason: 'loading' }, { retryAfterSeconds: 1 })
    }
  }

  return {
    entries: () => [...entries.values()],
    entry: (name) => entries.get(name),
    served,
    loaded: load(),
    close: () => {
      closed = true
      for (const bundle of bundles.splice(0)) bundle.dispose()
    },
  }
}

/**
 * The folders that are, or want to be, bundles, by name; also links that lead nowhere. Files, hidden folders, and folders whose name is no model
 * name and that hold no model are passed over.
 */
async function listBundles(directory: string): Promise<{ root: string; names: string[] }> {
  try {
    const root = await realpath(directory)
    const found = await readdir(root)
    const wanted = await Promise.all(found.map((name) => isBundle(join(root, name), name)))
    return { root, names: found.filter((_, i) => wanted[i]).sort() }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const why = code === 'ENOENT' ? 'does not exist' : code === 'ENOTDIR' ? 'is no directory' : `cannot be read (${code ?? String(error)})`
    throw new Error(`the models directory ${directory} ${why}`, { cause: error })
  }
}

async function isBundle(path: string, name: string): Promise<boolean> {
  if (name.startsWith('.')) return false
  if (await isDangling(path)) return true
  if (!(await exists(path, 'directory'))) return false
  return modelName.test(name) || (await exists(join(path, 'model.txt'), 'file')) || (await exists(join(path, 'model.json'), 'file'))
}

/** Of what `readdir` listed only a link can lead nowhere. */
async function isDangling(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || error.code === 'ELOOP',
  )
}

async function exists(path: string, kind: 'directory' | 'file'): Promise<boolean> {
  try {
    const stats = await stat(path)
    return kind === 'directory' ? stats.isDirectory() : stats.isFile()
  } catch {
    return false
  }
}

function unknownModel(name: string, known: readonly string[]): Problem {
  const nearest = nearestName(name, known)
  const hint = nearest === null ? '' : `; the nearest name is ${nearest}`
  return new Problem('unknown-model', `there is no model ${JSON.stringify(name.slice(0, 100))}${hint}`, { nearest })
}
